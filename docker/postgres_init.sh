#!/bin/sh
# PostgreSQL's first start: Airflow's metadata, Celery's results and storeday's ledger, each a database with an
# owner of its own that can't look into the others.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username postgres <<'SQL'
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv celery_password CELERY_DB_PASSWORD
\getenv ledger_password LEDGER_DB_PASSWORD
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE ROLE celery LOGIN PASSWORD :'celery_password';
CREATE ROLE ledger LOGIN PASSWORD :'ledger_password';
CREATE DATABASE airflow OWNER airflow;
CREATE DATABASE celery OWNER celery;
CREATE DATABASE ledger OWNER ledger;
REVOKE ALL ON DATABASE airflow, celery, ledger FROM PUBLIC;
SQL
