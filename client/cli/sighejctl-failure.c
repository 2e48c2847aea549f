/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include "sighejctl-failure.h"

#include <glib/gi18n.h>

#include "sighej-error.h"
#include "sighej-words.h"

static const struct
{
  const char *name;
  int exit_code;
  const char *hint;
} own[] = {
  [SIGHEJCTL_ERROR_USAGE] = { SIGHEJ_ERROR_DBUS_PREFIX "Usage",
                              SIGHEJCTL_EXIT_USAGE,
                              N_ ("'sighejctl help' lists the commands") },
  [SIGHEJCTL_ERROR_TIMED_OUT]
  = { SIGHEJ_ERROR_DBUS_PREFIX "TimedOut",
      SIGHEJCTL_EXIT_TIMED_OUT,
      N_ ("'sighejctl doctor' says what stands in the way, --timeout=SECONDS waits longer") },
  [SIGHEJCTL_ERROR_UNREACHABLE] = { SIGHEJ_ERROR_DBUS_PREFIX "Unreachable",
                                    SIGHEJCTL_EXIT_UNREACHABLE,
                                    N_ ("start it with 'systemctl --user start sighejd', or run "
                                        "'sighejd' in a terminal, then try again") },
};

G_DEFINE_QUARK (sighejctl - error - quark, sighejctl_error)

static gboolean
is_unreachable (const GError *error)
{
  static const GDBusError bus_codes[] = { G_DBUS_ERROR_SERVICE_UNKNOWN,
                                          G_DBUS_ERROR_NAME_HAS_NO_OWNER,
                                          G_DBUS_ERROR_NO_REPLY,
                                          G_DBUS_ERROR_DISCONNECTED,
                                          G_DBUS_ERROR_SPAWN_EXEC_FAILED,
                                          G_DBUS_ERROR_SPAWN_FORK_FAILED,
                                          G_DBUS_ERROR_SPAWN_CHILD_EXITED,
                                          G_DBUS_ERROR_SPAWN_CHILD_SIGNALED,
                                          G_DBUS_ERROR_SPAWN_FAILED,
                                          G_DBUS_ERROR_SPAWN_SETUP_FAILED,
                                          G_DBUS_ERROR_SPAWN_SERVICE_INVALID };
  static const GIOErrorEnum io_codes[] = {
    G_IO_ERROR_CLOSED, G_IO_ERROR_NOT_FOUND, G_IO_ERROR_CONNECTION_REFUSED, G_IO_ERROR_BROKEN_PIPE
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bus_codes); i++)
    if (g_error_matches (error, G_DBUS_ERROR, (int) bus_codes[i]))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (io_codes); i++)
    if (g_error_matches (error, G_IO_ERROR, (int) io_codes[i]))
      return TRUE;
  return FALSE;
}

static void
replace (GError **error, GQuark domain, int code, const char *message)
{
  g_clear_error (error);
  g_set_error_literal (error, domain, code, message);
}

void
sighejctl_failure_adopt (GError **error)
{
  GError *foreign = *error;

  if (foreign->domain == SIGHEJ_ERROR || foreign->domain == SIGHEJCTL_ERROR)
    g_dbus_error_strip_remote_error (foreign);
  else if (foreign->domain == G_OPTION_ERROR)
    {
      g_autofree char *message = g_strdup (foreign->message);

      replace (error, SIGHEJCTL_ERROR, SIGHEJCTL_ERROR_USAGE, message);
    }
  else if (g_error_matches (foreign, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    replace (error,
             SIGHEJCTL_ERROR,
             SIGHEJCTL_ERROR_TIMED_OUT,
             _ ("the daemon does not answer in time"));
  else if (is_unreachable (foreign))
    replace (
        error, SIGHEJCTL_ERROR, SIGHEJCTL_ERROR_UNREACHABLE, _ ("the daemon is not reachable"));
  else if (g_error_matches (foreign, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    replace (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_PERMITTED, _ ("the bus does not allow it"));
  else
    {
      g_autofree char *message = NULL;

      g_dbus_error_strip_remote_error (foreign);
      message = g_strdup (foreign->message);
      replace (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, message);
    }
}

int
sighejctl_failure_exit_code (const GError *error)
{
  if (error->domain == SIGHEJCTL_ERROR)
    return own[error->code].exit_code;
  if (error->domain == SIGHEJ_ERROR)
    return sighej_error_get_info ((SighejError) error->code)->exit_code;
  return SIGHEJCTL_EXIT_FAILED;
}

const char *
sighejctl_failure_name (const GError *error)
{
  if (error->domain == SIGHEJCTL_ERROR)
    return own[error->code].name;
  if (error->domain == SIGHEJ_ERROR)
    return sighej_error_get_info ((SighejError) error->code)->dbus_name;
  return sighej_error_get_info (SIGHEJ_ERROR_FAILED)->dbus_name;
}

char *
sighejctl_failure_sentence (const GError *error)
{
  return sighej_words_dup_error (error);
}

/* The step that goes with a kind of error of the daemon. */
static const char *
step_for (SighejError code)
{
  switch (sighej_error_get_info (code)->exit_code)
    {
    case 6:
    case 8:
      return _ ("'sighejctl doctor' says what stands in the way");
    case 9:
      return _ ("wait that long, then try again");
    case 10:
      return _ ("'sighejctl nudges', 'sighejctl meets' and 'sighejctl adapter' list what there is");
    default:
      break;
    }
  if (code == SIGHEJ_ERROR_NOT_OPEN)
    return _ ("open first: sighejctl open");
  if (code == SIGHEJ_ERROR_INVALID_INTEREST)
    return _ ("choose 1 to 20 interests: sighejctl interests set devops \"board games\"");
  if (code == SIGHEJ_ERROR_TEXT_REJECTED)
    return _ ("say 1 to 1,000 characters, on one line or several");
  if (code == SIGHEJ_ERROR_INVALID_DURATION)
    return _ ("open for 5min to 4h, pause or extend for 1min to 4h");
  return "";
}

char *
sighejctl_failure_hint (const GError *error)
{
  char *step = sighej_words_dup_error_step (error);

  if (step != NULL)
    return step;
  if (error->domain == SIGHEJCTL_ERROR)
    return g_strdup (_ (own[error->code].hint));
  if (error->domain == SIGHEJ_ERROR)
    return g_strdup (step_for ((SighejError) error->code));
  return g_strdup ("");
}

static void
report_json (const GError *error,
             const char *sentence,
             const char *hint,
             const SighejctlOutput *output)
{
  GVariantBuilder inner, outer;

  g_variant_builder_init (&inner, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&inner, "name", g_variant_new_string (sighejctl_failure_name (error)));
  sighejctl_record_add (&inner, "message", g_variant_new_string (sentence));
  sighejctl_record_add (&inner, "hint", g_variant_new_string (hint));
  g_variant_builder_init (&outer, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&outer, "error", g_variant_builder_end (&inner));
  sighejctl_output_record (output, g_variant_builder_end (&outer));
}

static const char *
full_stop (const char *sentence)
{
  return g_str_has_suffix (sentence, ".") || g_str_has_suffix (sentence, "?") ? "" : ".";
}

void
sighejctl_failure_report (const GError *error, const SighejctlOutput *output)
{
  g_autofree char *sentence = sighejctl_failure_sentence (error);
  g_autofree char *hint = sighejctl_failure_hint (error);
  SighejctlOutput to_stderr
      = { .file = stderr, .form = SIGHEJCTL_FORM_HUMAN, .coloured = output->coloured_errors };

  sighejctl_output_say_coloured (&to_stderr, SIGHEJCTL_COLOUR_RED, "sighejctl:");
  sighejctl_output_say (&to_stderr, " %s%s\n", sentence, full_stop (sentence));
  if (*hint != '\0')
    sighejctl_output_say (&to_stderr, _ ("Next: %s%s\n"), hint, full_stop (hint));
  if (sighejctl_output_is_json (output))
    report_json (error, sentence, hint, output);
}
