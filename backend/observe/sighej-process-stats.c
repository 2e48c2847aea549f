/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-process-stats"

#include "config.h"

#include "sighej-process-stats.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sighej-metrics.h"

#define DESCRIPTORS_FOLDER "/proc/self/fd"
#define MILLION 1000000

static guint64
to_us (struct timeval time)
{
  return (guint64) time.tv_sec * G_USEC_PER_SEC + (guint64) time.tv_usec;
}

/* Added up, not set: a worker that takes the slot of a dead one goes on from there. */
static void
update_cpu (void)
{
  static guint64 told_us;
  struct rusage usage;
  guint64 now_us;

  if (getrusage (RUSAGE_SELF, &usage) != 0)
    return;
  now_us = to_us (usage.ru_utime) + to_us (usage.ru_stime);
  if (now_us < told_us) /* a child begins at nothing */
    told_us = 0;
  sighej_metrics_add (SIGHEJ_METRIC_PROCESS_CPU, 0, now_us - told_us);
  told_us = now_us;
}

static void
update_memory (void)
{
  g_autofree char *text = NULL;
  unsigned long pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL)
      && sscanf (text, "%*u %lu", &pages) == 1)
    sighej_metrics_set (
        SIGHEJ_METRIC_PROCESS_MEMORY, 0, (guint64) pages * (guint64) sysconf (_SC_PAGESIZE));
}

static guint64
count_descriptors (void)
{
  struct stat info;
  g_autoptr (GDir) folder = NULL;
  guint64 n = 0;

  /* Since 6.2 the kernel says how many there are. */
  if (stat (DESCRIPTORS_FOLDER, &info) == 0 && info.st_size > 0)
    return (guint64) info.st_size;
  folder = g_dir_open (DESCRIPTORS_FOLDER, 0, NULL);
  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static void
update_descriptors (void)
{
  struct rlimit limit;
  guint64 n = count_descriptors ();

  sighej_metrics_set (SIGHEJ_METRIC_PROCESS_FDS, 0, n);
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == 0)
    return;
  sighej_metrics_set (SIGHEJ_METRIC_PROCESS_FDS_MAX, 0, limit.rlim_cur);
  sighej_metrics_set (SIGHEJ_METRIC_DESCRIPTORS_USED, 0, n * MILLION / limit.rlim_cur);
}

void
sighej_process_stats_update (void)
{
  static gint64 started_us;

  if (started_us == 0)
    started_us = g_get_real_time ();
  sighej_metrics_set (SIGHEJ_METRIC_PROCESS_START_TIME, 0, (guint64) started_us);
  sighej_metrics_set (SIGHEJ_METRIC_BUILD, 0, 1);
  update_cpu ();
  update_memory ();
  update_descriptors ();
}
