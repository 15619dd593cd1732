#!/bin/sh
# Before anything starts: are the settings right, is there a place for all state, and is Airflow's database current?
set -eu
storeday check-config
python "$(dirname "$0")/make_bucket.py" "$STOREDAY_HOME"
airflow db migrate
