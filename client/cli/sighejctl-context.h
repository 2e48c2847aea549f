/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-client.h"
#include "sighej-enums.h"
#include "sighejctl-failure.h"
#include "sighejctl-output.h"

G_BEGIN_DECLS

typedef struct _Sighejctl Sighejctl;

/**
 * SighejctlNeed:
 * @SIGHEJCTL_NEED_NOTHING: no bus
 * @SIGHEJCTL_NEED_BUS: the daemon if there is one; one that is away counts as off
 * @SIGHEJCTL_NEED_DAEMON: the daemon, started when it is away
 */
typedef enum
{
  SIGHEJCTL_NEED_NOTHING,
  SIGHEJCTL_NEED_BUS,
  SIGHEJCTL_NEED_DAEMON,
} SighejctlNeed;

/**
 * SighejctlTakes:
 * @SIGHEJCTL_TAKES_WAIT: --wait
 * @SIGHEJCTL_TAKES_NOTICE: --accept-notice
 * @SIGHEJCTL_TAKES_CALIBRATION: what SighejctlCalibration holds
 * @SIGHEJCTL_TAKES_REPORT: what SighejctlReport holds
 * @SIGHEJCTL_TAKES_FOLLOW: --follow
 * @SIGHEJCTL_TAKES_NOT_AGAIN: --not-again
 * @SIGHEJCTL_TAKES_INHIBIT: what SighejctlInhibit holds
 * @SIGHEJCTL_TAKES_YES: --yes
 *
 * The options that go with some commands only.
 */
typedef enum
{
  SIGHEJCTL_TAKES_WAIT = 1 << 0,
  SIGHEJCTL_TAKES_NOTICE = 1 << 1,
  SIGHEJCTL_TAKES_CALIBRATION = 1 << 2,
  SIGHEJCTL_TAKES_REPORT = 1 << 3,
  SIGHEJCTL_TAKES_FOLLOW = 1 << 4,
  SIGHEJCTL_TAKES_NOT_AGAIN = 1 << 5,
  SIGHEJCTL_TAKES_INHIBIT = 1 << 6,
  SIGHEJCTL_TAKES_YES = 1 << 7,
} SighejctlTakes;

/**
 * SighejctlCommand:
 * @arguments: (nullable): as --help shows them
 * @summary: one line
 * @help: (nullable): further lines of its own --help, each ending in a line break
 * @fields: (nullable): fields of its records with "," between them, in the terse order
 * @n_min: fewest arguments
 * @n_max: most arguments
 * @takes: the options of its own
 */
typedef struct
{
  const char *name;
  const char *arguments;
  const char *summary;
  const char *help;
  const char *fields;
  guint n_min;
  guint n_max;
  SighejctlNeed need;
  SighejctlTakes takes;
  int (*run) (Sighejctl *self, GError **error);
} SighejctlCommand;

/**
 * SighejctlCalibration:
 * @seconds: how long to measure; 0: the daemon's default
 * @transmit: what is sent, not what is received
 * @set: (nullable): the value to keep, as it was written
 *
 * The options of `calibrate`.
 */
typedef struct
{
  int seconds;
  gboolean transmit;
  gboolean show;
  gboolean reset;
  char *set;
} SighejctlCalibration;

/**
 * SighejctlReport:
 * @reason: (nullable): a word of the API
 * @message: (nullable): in the person's own words
 * @attach: (nullable): numbers of messages, each item some of them with "," between
 *
 * The options of `report`.
 */
typedef struct
{
  char *reason;
  char *message;
  char **attach;
} SighejctlReport;

/**
 * SighejctlInhibit:
 * @who: (nullable): for people; NULL: the command's own name
 * @why: (nullable): for people
 *
 * The options of `inhibit`.
 */
typedef struct
{
  char *who;
  char *why;
} SighejctlInhibit;

/**
 * Sighejctl:
 * @arguments: those after the command
 * @timeout_s: for calls and for waiting, seconds; 0: never
 *
 * One run of the program. The client is NULL for commands that need nothing.
 */
struct _Sighejctl
{
  const SighejctlCommand *command;
  const SighejctlCommand *commands; /* all, ends with a NULL name */
  char **arguments;
  guint n_arguments;
  SighejctlOutput output;
  gboolean system_bus;
  gboolean no_start; /* a daemon that is away stays away */
  gboolean wait;
  gboolean accept_notice;
  gboolean follow;
  gboolean not_again;
  SighejctlCalibration calibration;
  SighejctlReport report;
  SighejctlInhibit inhibit;
  gboolean yes;
  guint timeout_s;
  SighejClient *client;
};

typedef gboolean (*SighejctlCondition) (Sighejctl *self, gpointer user_data);

/* Connects as far as the command needs. Errors: SIGHEJCTL_ERROR_UNREACHABLE, _TIMED_OUT. */
gboolean sighejctl_connect (Sighejctl *self, GError **error);

/**
 * sighejctl_wait_until:
 * @timeout_ms: at most, milliseconds; 0: for ever
 *
 * Runs the main context until @condition holds.
 *
 * Errors: SIGHEJCTL_ERROR_TIMED_OUT, SIGHEJCTL_ERROR_UNREACHABLE (the bus went away).
 */
gboolean sighejctl_wait_until (Sighejctl *self,
                               SighejctlCondition condition,
                               gpointer user_data,
                               guint timeout_ms,
                               GError **error);

/* The command's --timeout in milliseconds, 0 for never. */
guint sighejctl_get_timeout_ms (Sighejctl *self);

/* Off when there is no daemon. */
SighejState sighejctl_get_state (Sighejctl *self);
SighejReason sighejctl_get_reason (Sighejctl *self);

/* Never NULL. */
const char *sighejctl_get_language (Sighejctl *self);

/* Reads all properties of the manager anew, past signals still on their way. */
gboolean sighejctl_refresh (Sighejctl *self, GError **error);

/* The same of any object of the daemon. */
gboolean sighejctl_refresh_proxy (GDBusProxy *proxy, GError **error);

/* Gives calls through @proxy the command's --timeout. */
void sighejctl_prepare_proxy (Sighejctl *self, GDBusProxy *proxy);

/* Sets a property of the manager and waits for the answer. @value is consumed when floating. */
gboolean
sighejctl_set_property (Sighejctl *self, const char *name, GVariant *value, GError **error);

/* The label of an interest in the person's language. (transfer full) */
char *sighejctl_dup_label (Sighejctl *self, const char *interest);

/* Sets SIGHEJCTL_ERROR_USAGE; always FALSE. */
gboolean sighejctl_usage (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* An argument that is a duration. Errors: SIGHEJCTL_ERROR_USAGE. */
gboolean sighejctl_parse_duration (const char *text, guint *seconds, GError **error);

/* Asks on stderr and reads a line from stdin. (transfer full) (nullable): NULL at its end */
char *sighejctl_ask (const char *question);

/* Whether @answer (nullable) is one. */
gboolean sighejctl_is_yes (const char *answer);

/* Whether there is a person to ask: terminals, and the human form. */
gboolean sighejctl_can_ask (Sighejctl *self);

/**
 * sighejctl_open:
 * @seconds: how long; 0: the daemon's default
 *
 * Makes sure there are a backend, a yes to the notice, and interests; then opens, waits if asked
 * to, and tells.
 *
 * Returns: exit status, or -1 with @error set
 */
int sighejctl_open (Sighejctl *self, guint seconds, GError **error);

/* The notice of what is collected, before the first opening. FALSE: not accepted. */
gboolean sighejctl_notice_check (Sighejctl *self, GError **error);

/* Closes, waits if asked to, and tells. Returns: exit status, or -1 with @error set. */
int sighejctl_close (Sighejctl *self, GError **error);

/* Prints the record of state, reason, open_until, paused_until; and the state as a sentence. */
void sighejctl_tell_state (Sighejctl *self);

/* "Open to talk until 14:00.", by state. (transfer full) */
char *sighejctl_dup_state_sentence (Sighejctl *self);

/* The arguments from this one on, with spaces between. (transfer full) */
char *sighejctl_dup_rest (Sighejctl *self, guint first);

/* The command of this name. Errors: SIGHEJCTL_ERROR_USAGE, with a suggestion. */
const SighejctlCommand *sighejctl_find_command (Sighejctl *self, const char *name, GError **error);

/* "open [DURATION]". (transfer full) */
char *sighejctl_dup_command_form (const SighejctlCommand *command);

/* The help of one command, or of all when @command is NULL. */
void sighejctl_print_help (Sighejctl *self, const SighejctlCommand *command);

G_END_DECLS
