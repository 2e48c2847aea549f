/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What sighej-load measures: how long things took, and what the processes of a server have cost.
 * libc only, like all of it.
 */

uint64_t load_now_ns (void); /* monotonic */

/* Ends the program with status 2 and one sentence. */
void load_die (const char *format, ...) __attribute__ ((format (printf, 1, 2), noreturn));

/* Never NULL. */
void *load_alloc (void *old, size_t n_bytes);
void *load_alloc_zeroed (size_t n, size_t n_bytes);

/* ---- durations ---- */
typedef struct
{
  uint32_t *tenths_us;
  size_t n;
  size_t n_allocated;
} LoadSample;

void load_sample_add (LoadSample *self, uint64_t ns);
void load_sample_clear (LoadSample *self);
/* '"name":{"n":…,"p50":…,…}' in microseconds, or null when it is empty. Sorts it. */
void load_sample_print (LoadSample *self, const char *name, FILE *out);

/* ---- processes ---- */
#define LOAD_GROUPS_MAX 4
#define LOAD_GROUP_PIDS_MAX 32

typedef struct
{
  const char *name;
  int pids[LOAD_GROUP_PIDS_MAX];
  int n_pids;
} LoadGroup;

typedef struct
{
  double cpu_us; /* user and system, of all threads */
  long rss_kib;
  long pss_kib;
} LoadUse;

/* Reads "name=PID,PID…"; @text is cut up and kept. */
void load_group_parse (LoadGroup *self, char *text);
LoadUse load_group_use (const LoadGroup *self);
