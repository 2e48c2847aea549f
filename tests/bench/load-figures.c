/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load-figures.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_TENTH_US 100

uint64_t
load_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

void
load_die (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  fputs ("sighej-load: ", stderr);
  vfprintf (stderr, format, arguments);
  fputc ('\n', stderr);
  va_end (arguments);
  exit (2);
}

void *
load_alloc (void *old, size_t n_bytes)
{
  void *memory = realloc (old, n_bytes);

  if (memory == NULL && n_bytes > 0)
    load_die ("out of memory");
  return memory;
}

void *
load_alloc_zeroed (size_t n, size_t n_bytes)
{
  void *memory = calloc (n, n_bytes);

  if (memory == NULL)
    load_die ("out of memory");
  return memory;
}

/* ---- durations ---- */

void
load_sample_add (LoadSample *self, uint64_t ns)
{
  uint64_t tenths_us = ns / NS_PER_TENTH_US;

  if (self->n == self->n_allocated)
    {
      self->n_allocated = self->n_allocated == 0 ? 4096 : 2 * self->n_allocated;
      self->tenths_us = load_alloc (self->tenths_us, self->n_allocated * sizeof self->tenths_us[0]);
    }
  self->tenths_us[self->n++] = tenths_us > UINT32_MAX ? UINT32_MAX : (uint32_t) tenths_us;
}

void
load_sample_clear (LoadSample *self)
{
  self->n = 0;
}

static int
compare (const void *a, const void *b)
{
  uint32_t left = *(const uint32_t *) a;
  uint32_t right = *(const uint32_t *) b;

  return (left > right) - (left < right);
}

/* The smallest value that so many of a thousand do not exceed. */
static double
permille (const LoadSample *self, size_t share)
{
  size_t rank = (self->n * share + 999) / 1000;

  return self->tenths_us[rank == 0 ? 0 : rank - 1] / 10.0;
}

void
load_sample_print (LoadSample *self, const char *name, FILE *out)
{
  if (self->n == 0)
    {
      fprintf (out, "\"%s\":null", name);
      return;
    }
  qsort (self->tenths_us, self->n, sizeof self->tenths_us[0], compare);
  fprintf (out,
           "\"%s\":{\"n\":%zu,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}",
           name,
           self->n,
           permille (self, 500),
           permille (self, 900),
           permille (self, 990),
           permille (self, 999),
           permille (self, 1000));
}

/* ---- processes ---- */

void
load_group_parse (LoadGroup *self, char *text)
{
  char *pids = strchr (text, '=');

  if (pids == NULL)
    load_die ("--group takes NAME=PID,PID…");
  *pids++ = '\0';
  *self = (LoadGroup){ .name = text };
  for (char *pid = strtok (pids, ","); pid != NULL; pid = strtok (NULL, ","))
    {
      if (self->n_pids == LOAD_GROUP_PIDS_MAX)
        load_die ("too many processes in the group %s", self->name);
      self->pids[self->n_pids++] = atoi (pid);
    }
}

static FILE *
open_of (int pid, const char *name)
{
  char path[64];
  FILE *file;

  snprintf (path, sizeof path, "/proc/%d/%s", pid, name);
  file = fopen (path, "r");
  if (file == NULL)
    load_die ("process %d is gone (%s)", pid, path);
  return file;
}

/* The kernel's own account in clock ticks: 10 ms are fine enough for runs of seconds. */
static double
cpu_us_of (int pid)
{
  FILE *file = open_of (pid, "stat");
  char line[1024] = "";
  unsigned long user = 0, system = 0;
  const char *fields;

  if (fgets (line, sizeof line, file) == NULL || (fields = strrchr (line, ')')) == NULL
      || sscanf (fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system)
             != 2)
    load_die ("cannot read what process %d has cost", pid);
  fclose (file);
  return (double) (user + system) * 1e6 / (double) sysconf (_SC_CLK_TCK);
}

static long
kib_of (int pid, const char *name, const char *field)
{
  FILE *file = open_of (pid, name);
  char line[256];
  long kib = 0;

  while (fgets (line, sizeof line, file) != NULL)
    if (strncmp (line, field, strlen (field)) == 0)
      kib = atol (line + strlen (field));
  fclose (file);
  return kib;
}

LoadUse
load_group_use (const LoadGroup *self)
{
  LoadUse use = { 0 };

  for (int i = 0; i < self->n_pids; i++)
    {
      use.cpu_us += cpu_us_of (self->pids[i]);
      use.rss_kib += kib_of (self->pids[i], "status", "VmRSS:");
      use.pss_kib += kib_of (self->pids[i], "smaps_rollup", "Pss:");
    }
  return use;
}
