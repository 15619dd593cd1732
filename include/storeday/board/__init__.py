"""The store-day board: the pages that Airflow's web UI shows of the ledger, and what a person may do from there.

A FastAPI app that knows no Airflow: who asks, what they may and where Airflow's own pages are comes in through
``doors.Doors``. plugins/storeday_board.py hands it Airflow's.
"""
