"""The demo: five stores' files on an SFTP server of its own, a real Airflow, and seven days backfilled.

`sftp_server` and `airflow_process` start the two servers as processes of their own and leave nothing behind;
`airflow_api` asks Airflow's REST interface for what the demo and the live tests need. Each is a context
manager or a small client that knows nothing of the others.
"""
