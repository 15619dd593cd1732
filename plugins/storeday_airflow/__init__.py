"""What the board's plugin needs of Airflow's API server: its rights, its pages, its runs. Nobody else imports this."""
