#!/bin/sh
# Before anything starts: are the settings right, and is Airflow's database current?
set -eu
storeday check-config
airflow db migrate
