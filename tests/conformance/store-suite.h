/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store-people.h"

/* Runs what every store must do against each of them: one line a store in store-suite.c. */

typedef struct
{
  const char *name;
  void (*run) (Fixture *fixture, gconstpointer data);
} StoreScript;

/* Returns: the exit status of a test program */
int store_suite_run (int argc, char **argv, const StoreScript *script, guint n_scripts);
