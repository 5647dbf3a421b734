#!/usr/bin/env bash
set -e
cslc --arch=wse2 ./layout.csl --fabric-dims=13,3 --fabric-offsets=4,1 --params=width:6,n:50 --params=IN_ID:1,OUT_ID:2 -o=out --memcpy
cs_python run.py --name out
