#!/bin/sh
# Nothing was started that outlives a suite.
