/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load for any server that speaks the contract of docs/protocol.md, or the first form of it. One
 * thread, one epoll descriptor, libc only. Prints one JSON object; what went wrong goes to stderr
 * and makes the exit status 1: a figure of a run in which a nudge was lost counts for nothing.
 */
#include <sys/prctl.h>
#include <sys/resource.h>

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load-crowd.h"

#define STEPS_MAX 16
#define FILES_MAX 131072
#define SETTLE_SECONDS 1.5

typedef struct
{
  LoadCrowdRule rule;
  LoadGroup groups[LOAD_GROUPS_MAX];
  int n_groups;
  int n_sessions;
  double seconds;
  double warm_up_seconds;
  double rate;
  int steps[STEPS_MAX];
  int n_steps;
} Plan;

typedef struct
{
  LoadUse groups[LOAD_GROUPS_MAX];
  uint64_t at_ns;
} Use;

static Plan plan = {
  .rule = { .host = "127.0.0.1",
            .port = 8080,
            .auth_field = "session_secret",
            .is_mutual = true,
            .has_acks = true,
            .share = 0.5,
            .n_lines = 32,
            .n_slots = 32 },
  .n_sessions = 1000,
  .seconds = 4,
  .warm_up_seconds = 1,
};

/* ---- figures ---- */

static Use
use_now (void)
{
  Use use = { .at_ns = load_now_ns () };

  for (int i = 0; i < plan.n_groups; i++)
    use.groups[i] = load_group_use (&plan.groups[i]);
  return use;
}

static double
seconds_between (const Use *before, const Use *after)
{
  return (double) (after->at_ns - before->at_ns) / 1e9;
}

static void
print_cost (FILE *out, const Use *before, const Use *after, unsigned long n_operations)
{
  double seconds = seconds_between (before, after);

  fprintf (out,
           "\"seconds\":%.2f,\"operations\":%lu,\"per_second\":%.0f,\"cpu_us_per_operation\":{",
           seconds,
           n_operations,
           (double) n_operations / seconds);
  for (int i = 0; i < plan.n_groups; i++)
    fprintf (out,
             "%s\"%s\":%.2f",
             i > 0 ? "," : "",
             plan.groups[i].name,
             (after->groups[i].cpu_us - before->groups[i].cpu_us)
                 / (n_operations > 0 ? (double) n_operations : 1));
  fputc ('}', out);
}

/* Bytes that @n things have added. */
static void
print_memory (FILE *out, const char *thing, const Use *before, const Use *after, int n)
{
  fprintf (out, "\"bytes_per_%s\":{", thing);
  for (int i = 0; i < plan.n_groups; i++)
    fprintf (out,
             "%s\"%s\":{\"rss\":%.0f,\"pss\":%.0f}",
             i > 0 ? "," : "",
             plan.groups[i].name,
             (double) (after->groups[i].rss_kib - before->groups[i].rss_kib) * 1024 / n,
             (double) (after->groups[i].pss_kib - before->groups[i].pss_kib) * 1024 / n);
  fputc ('}', out);
}

static void
print_tally (FILE *out)
{
  fprintf (out,
           "\"reports\":%lu,\"meetings\":%lu,\"nudges\":%lu,\"lost\":%lu,\"doubled\":%lu,"
           "\"wrong\":%lu,\"errors\":%lu,",
           load_tally.reports,
           load_tally.meetings,
           load_tally.nudges,
           load_tally.lost,
           load_tally.doubled,
           load_tally.wrong,
           load_tally.errors);
  load_sample_print (&load_tally.answer, "answer_us", out);
  fputc (',', out);
  load_sample_print (&load_tally.own, "nudge_own_us", out);
  fputc (',', out);
  load_sample_print (&load_tally.peer, "nudge_peer_us", out);
}

/* ---- modes; each returns how many things went wrong ---- */

static unsigned long
run_sessions (FILE *out)
{
  Use before, after;

  load_crowd_open_sessions (plan.rule.n_lines);
  load_tally_clear ();
  before = use_now ();
  load_crowd_open_sessions (plan.rule.n_lines + plan.n_sessions);
  after = use_now ();
  print_cost (out, &before, &after, load_tally.sessions);
  fputc (',', out);
  print_memory (out, "session", &before, &after, plan.n_sessions);
  fprintf (out, ",\"wrong\":%lu,\"errors\":%lu", load_tally.wrong, load_tally.errors);
  return load_tally_n_bad ();
}

/* The measured part of each mode with meetings: warm up, measure, print. */
static unsigned long
measure_meetings (FILE *out, int n, int others)
{
  unsigned long n_bad;
  Use before, after;

  load_crowd_meet (n, plan.warm_up_seconds, plan.rate, others);
  n_bad = load_tally_n_bad ();
  load_tally_clear ();
  before = use_now ();
  load_crowd_meet (n, plan.seconds, plan.rate, others);
  after = use_now ();
  print_cost (out, &before, &after, load_tally.reports);
  fputc (',', out);
  print_tally (out);
  return n_bad + load_tally_n_bad ();
}

static unsigned long
run_meetings (FILE *out)
{
  load_crowd_open_sessions (plan.n_sessions);
  load_crowd_open_sockets (plan.n_sessions);
  fprintf (out, "\"sockets\":%d,", load_crowd_n_sockets ());
  return measure_meetings (out, plan.n_sessions, 0);
}

/* All sessions exist before the first socket, so that what grows afterwards are the sockets. */
static unsigned long
run_idle (FILE *out)
{
  unsigned long n_bad = 0;
  Use before, after;

  load_crowd_open_sessions (plan.steps[plan.n_steps - 1]);
  load_crowd_rest (SETTLE_SECONDS);
  before = use_now ();
  fputs ("\"steps\":[", out);
  for (int i = 0; i < plan.n_steps; i++)
    {
      load_crowd_open_sockets (plan.steps[i]);
      load_crowd_rest (SETTLE_SECONDS);
      after = use_now ();
      fprintf (out, "%s{\"sockets\":%d,", i > 0 ? "," : "", load_crowd_n_sockets ());
      print_memory (out, "socket", &before, &after, plan.steps[i]);
      fputc (',', out);
      load_tally_clear ();
      n_bad += measure_meetings (out, plan.steps[i], 0);
      fputc ('}', out);
    }
  fputc (']', out);
  return n_bad;
}

/* A thousand sockets among ever more sessions, about half of the reports of somebody far away. */
static unsigned long
run_growth (FILE *out)
{
  unsigned long n_bad = 0;

  fputs ("\"steps\":[", out);
  for (int i = 0; i < plan.n_steps; i++)
    {
      load_crowd_open_sessions (plan.steps[i]);
      load_crowd_open_sockets (plan.n_sessions);
      fprintf (out, "%s{\"sessions\":%d,", i > 0 ? "," : "", plan.steps[i]);
      load_tally_clear ();
      n_bad += measure_meetings (out, plan.n_sessions, 2);
      fputc ('}', out);
    }
  fputc (']', out);
  return n_bad;
}

static const struct
{
  const char *name;
  unsigned long (*run) (FILE *out);
} modes[] = {
  { "sessions", run_sessions }, { "match", run_meetings }, { "sightings", run_meetings },
  { "nudge", run_meetings },    { "idle", run_idle },      { "growth", run_growth },
};
#define N_MODES (sizeof modes / sizeof modes[0])

/* ---- the command line ---- */

static const char usage[]
    = "usage: sighej-load sessions|match|sightings|nudge|idle|growth [OPTION…]\n"
      "\n"
      "  sessions   POST /session\n"
      "  match      POST /match, with a socket for every session\n"
      "  sightings  the same over the sockets\n"
      "  nudge      the same at a given rate: times count from when a report was due\n"
      "  idle       ever more sockets: memory, and nudges as above\n"
      "  growth     sightings of 1,000 sockets among ever more sessions\n"
      "\n"
      "  --url=http://ADDRESS:PORT   the server (http://127.0.0.1:8080)\n"
      "  --group=NAME=PID[,PID…]     processes whose cost is counted together; again for more\n"
      "  --contract=mutual|one-sided both must report, or one is enough (mutual)\n"
      "  --over=socket|http          how to report in nudge and idle (socket)\n"
      "  --auth-field=NAME           of the answer of POST /session (session_secret)\n"
      "  --no-acks                   do not speak sighej.v1\n"
      "  --share=X                   of the reports that end in a nudge (0.5)\n"
      "  --sessions=N                (1000)\n"
      "  --steps=N,N…                sockets in idle (1000,5000,10000,19500), sessions in growth\n"
      "                              (1000,10000,50000,200000)\n"
      "  --seconds=S, --warm-up=S    (4, 1)\n"
      "  --rate=N                    meetings a second, 0: as many as --slots allow (nudge, idle: "
      "200)\n"
      "  --slots=N                   meetings at one time (32; with a rate 256)\n"
      "  --connections=N             for HTTP (32)\n";

static void
read_steps (char *text)
{
  plan.n_steps = 0;
  for (char *step = strtok (text, ","); step != NULL; step = strtok (NULL, ","))
    {
      if (plan.n_steps == STEPS_MAX || atoi (step) < 2)
        load_die ("--steps takes at most %d numbers", STEPS_MAX);
      plan.steps[plan.n_steps++] = atoi (step);
    }
}

static void
read_url (char *text)
{
  char *port;

  if (strncmp (text, "http://", 7) != 0 || (port = strrchr (text + 7, ':')) == NULL)
    load_die ("--url takes http://ADDRESS:PORT");
  *port++ = '\0';
  plan.rule.host = strcmp (text + 7, "localhost") == 0 ? "127.0.0.1" : text + 7;
  plan.rule.port = atoi (port);
}

static const struct option options[] = {
  { "url", required_argument, NULL, 'u' },
  { "group", required_argument, NULL, 'g' },
  { "contract", required_argument, NULL, 'c' },
  { "over", required_argument, NULL, 'o' },
  { "auth-field", required_argument, NULL, 'a' },
  { "no-acks", no_argument, NULL, 'n' },
  { "share", required_argument, NULL, 'm' },
  { "sessions", required_argument, NULL, 's' },
  { "steps", required_argument, NULL, 't' },
  { "seconds", required_argument, NULL, 'd' },
  { "warm-up", required_argument, NULL, 'w' },
  { "rate", required_argument, NULL, 'r' },
  { "slots", required_argument, NULL, 'p' },
  { "connections", required_argument, NULL, 'l' },
  { NULL, 0, NULL, 0 },
};

static void
read_option (int option, char *value)
{
  switch (option)
    {
    case 'u':
      read_url (value);
      break;
    case 'g':
      if (plan.n_groups == LOAD_GROUPS_MAX)
        load_die ("too many groups");
      load_group_parse (&plan.groups[plan.n_groups++], value);
      break;
    case 'c':
      plan.rule.is_mutual = strcmp (value, "mutual") == 0;
      break;
    case 'o':
      plan.rule.over_http = strcmp (value, "http") == 0;
      break;
    case 'a':
      plan.rule.auth_field = value;
      break;
    case 'n':
      plan.rule.has_acks = false;
      break;
    case 'm':
      plan.rule.share = atof (value);
      break;
    case 's':
      plan.n_sessions = atoi (value);
      break;
    case 't':
      read_steps (value);
      break;
    case 'd':
      plan.seconds = atof (value);
      break;
    case 'w':
      plan.warm_up_seconds = atof (value);
      break;
    case 'r':
      plan.rate = atof (value);
      break;
    case 'p':
      plan.rule.n_slots = atoi (value);
      break;
    case 'l':
      plan.rule.n_lines = atoi (value);
      break;
    default:
      fputs (usage, stderr);
      exit (2);
    }
}

static int
find_mode (const char *name)
{
  for (size_t i = 0; i < N_MODES; i++)
    if (name != NULL && strcmp (name, modes[i].name) == 0)
      return (int) i;
  fputs (usage, stderr);
  exit (2);
}

/* What a mode needs and was not told. */
static void
complete (const char *mode)
{
  bool is_scheduled = strcmp (mode, "nudge") == 0 || strcmp (mode, "idle") == 0;
  char idle[] = "1000,5000,10000,19500", growth[] = "1000,10000,50000,200000";

  if (strcmp (mode, "match") == 0)
    plan.rule.over_http = true;
  if (is_scheduled && plan.rate <= 0)
    plan.rate = 200;
  if (plan.rate > 0 && plan.rule.n_slots == 32)
    plan.rule.n_slots = 256;
  if (plan.n_steps == 0)
    read_steps (strcmp (mode, "growth") == 0 ? growth : idle);
  plan.rule.n_people_max = plan.rule.n_lines + plan.n_sessions;
  for (int i = 0; i < plan.n_steps; i++)
    if (plan.steps[i] > plan.rule.n_people_max)
      plan.rule.n_people_max = plan.steps[i];
  plan.rule.seed = load_now_ns () ^ (uint64_t) (unsigned long) getpid () << 40;
  if (plan.n_sessions < 8 || plan.rule.n_lines < 1 || plan.rule.n_slots < 1)
    load_die ("too few sessions, connections or slots");
}

static void
raise_file_limit (void)
{
  struct rlimit limit = { FILES_MAX, FILES_MAX };

  if (setrlimit (RLIMIT_NOFILE, &limit) == 0)
    return;
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

int
main (int argc, char **argv)
{
  int mode, option;
  unsigned long n_bad;

  while ((option = getopt_long (argc, argv, "", options, NULL)) != -1)
    read_option (option, optarg);
  mode = find_mode (argv[optind]);
  complete (modes[mode].name);
  raise_file_limit ();
  prctl (PR_SET_TIMERSLACK, 1); /* ns: what is due is sent then */
  load_crowd_setup (&plan.rule);
  printf ("{\"mode\":\"%s\",", modes[mode].name);
  n_bad = modes[mode].run (stdout);
  printf ("}\n");
  return n_bad == 0 ? 0 : 1;
}
