/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "sighej-error.h"
#include "sighejctl-cmds.h"

/* As in org.sighej.xml. */
#define SECONDS_MIN 10
#define SECONDS_MAX 300
#define SECONDS_DEFAULT 60
#define SAMPLES_NEEDED 50
#define MS_PER_S 1000

#define RECEIVE "receive"
#define TRANSMIT "transmit"

static const char *const turns[] = {
  N_ ("Start with the two facing each other."),
  N_ ("Turn this machine a quarter to the right."),
  N_ ("Turn it another quarter."),
  N_ ("Turn it the last quarter."),
};

/**
 * Measuring:
 * @seconds: how long it is meant to take
 * @n_turns: turns told so far
 * @stretched: whether it was told that it takes longer
 * @has_line: whether a line of progress stands on the terminal, without an end
 *
 * One measurement, as a person follows it.
 */
typedef struct
{
  Sighejctl *ctl;
  guint seconds;
  guint n_turns;
  gboolean stretched;
  gboolean has_line;

  gboolean done;
  int value;
  int median;
  guint samples;
  guint spread;
  GError *error;
} Measuring;

static SighejDBusDiagnostics1 *
get_diagnostics (Sighejctl *self)
{
  return sighej_client_get_diagnostics (self->client);
}

static const char *
get_what (Sighejctl *self)
{
  return self->calibration.transmit ? TRANSMIT : RECEIVE;
}

/* ---- what is in use ---- */

static GVariant *
dup_in_use (Sighejctl *self, const char *what, GError **error)
{
  g_autofree char *origin = NULL;
  GVariantBuilder record;
  guint64 changed;
  int value;

  if (!sighej_dbus_diagnostics1_call_get_calibration_sync (
          get_diagnostics (self), what, &value, &origin, &changed, NULL, error))
    return NULL;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "what", g_variant_new_string (what));
  sighejctl_record_add (&record, "value", g_variant_new_int32 (value));
  sighejctl_record_add (&record, "origin", g_variant_new_string (origin));
  sighejctl_record_add (&record, "changed", g_variant_new_uint64 (changed));
  return g_variant_ref_sink (g_variant_builder_end (&record));
}

/* " on 2026-11-22"; "" when it was never changed. (transfer full) */
static char *
dup_day (guint64 changed)
{
  g_autoptr (GDateTime) time = NULL;

  if (changed != 0)
    time = g_date_time_new_from_unix_local ((gint64) changed);
  /* Translators: as g_date_time_format() takes it */
  return time != NULL ? g_date_time_format (time, _ (" on %Y-%m-%d")) : g_strdup ("");
}

static void
say_in_use (Sighejctl *self, GVariant *record)
{
  const char *what;
  const char *origin;
  guint64 changed;
  int value;
  g_autofree char *day = NULL;

  g_variant_lookup (record, "what", "&s", &what);
  g_variant_lookup (record, "value", "i", &value);
  g_variant_lookup (record, "origin", "&s", &origin);
  g_variant_lookup (record, "changed", "t", &changed);
  day = dup_day (changed);
  if (g_str_equal (what, TRANSMIT))
    /* Translators: a strength, who says so, and when */
    sighejctl_output_say (&self->output, _ ("Sends as  %+d dBm (%s%s)\n"), value, origin, day);
  else
    sighejctl_output_say (&self->output, _ ("Receives  %+d dB (%s%s)\n"), value, origin, day);
}

static int
show (Sighejctl *self, GError **error)
{
  static const char *const kinds[] = { TRANSMIT, RECEIVE };
  GVariantBuilder records;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GVariant) record = dup_in_use (self, kinds[i], error);

      if (record == NULL)
        {
          g_variant_builder_clear (&records);
          return -1;
        }
      say_in_use (self, record);
      g_variant_builder_add_value (&records, record);
    }
  sighejctl_output_list (&self->output, "calibration", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

static int
set (Sighejctl *self, GError **error)
{
  gint64 value;

  if (!g_ascii_string_to_signed (self->calibration.set, 10, G_MININT16, G_MAXINT16, &value, NULL))
    {
      sighejctl_usage (error, _ ("--set takes a whole number, not '%s'"), self->calibration.set);
      return -1;
    }
  if (!sighej_dbus_diagnostics1_call_set_calibration_sync (
          get_diagnostics (self), get_what (self), (int) value, NULL, error))
    return -1;

  return show (self, error);
}

static int
reset (Sighejctl *self, GError **error)
{
  if (!sighej_dbus_diagnostics1_call_reset_calibration_sync (get_diagnostics (self), NULL, error))
    return -1;

  return show (self, error);
}

/* ---- following a measurement ---- */

static void
end_line (Measuring *self)
{
  if (self->has_line)
    fputs ("\r\033[K", stderr);
  self->has_line = FALSE;
}

/* On a terminal one line that changes; elsewhere only what is to be done is said. */
static void
draw_line (Measuring *self, guint elapsed_s, guint limit_s, guint n_samples)
{
  if (!sighejctl_output_is_human (&self->ctl->output) || !isatty (STDERR_FILENO))
    return;

  fputs ("\r\033[K", stderr);
  fprintf (stderr,
           _ ("  %u of %u s, %u samples (%u are needed)"),
           elapsed_s,
           elapsed_s < self->seconds ? self->seconds : limit_s,
           n_samples,
           SAMPLES_NEEDED);
  fflush (stderr);
  self->has_line = TRUE;
}

static void
tell_turns (Measuring *self, guint elapsed_s)
{
  guint n_due = MIN (1 + elapsed_s * G_N_ELEMENTS (turns) / self->seconds, G_N_ELEMENTS (turns));

  for (; self->n_turns < n_due; self->n_turns++)
    {
      end_line (self);
      sighejctl_output_say (&self->ctl->output, "%s\n", _ (turns[self->n_turns]));
    }
}

static void
tell_stretch (Measuring *self, guint elapsed_s, guint limit_s, guint n_samples)
{
  if (self->stretched || elapsed_s < self->seconds)
    return;

  self->stretched = TRUE;
  end_line (self);
  sighejctl_output_say (&self->ctl->output,
                        _ ("Only %u samples so far: going on for up to %u s in all.\n"),
                        n_samples,
                        limit_s);
}

static void
tell_progress (Measuring *self, guint elapsed_s, guint limit_s, guint n_samples)
{
  /* Nothing is measured yet, or any more. */
  if (limit_s == 0)
    return;

  tell_turns (self, elapsed_s);
  tell_stretch (self, elapsed_s, limit_s, n_samples);
  draw_line (self, elapsed_s, limit_s, n_samples);
  fflush (self->ctl->output.file);
}

static void
on_properties_changed (GDBusConnection *connection,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *parameters,
                       gpointer user_data)
{
  g_autoptr (GVariant) properties = NULL;
  guint elapsed_s;
  guint limit_s;
  guint n_samples;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  properties = g_variant_get_child_value (parameters, 1);
  if (g_variant_lookup (
          properties, "CalibrationProgress", "(uuu)", &elapsed_s, &limit_s, &n_samples))
    tell_progress (user_data, elapsed_s, limit_s, n_samples);
}

/* The client's proxy has no properties: no other command wants any. */
static guint
subscribe (Measuring *self)
{
  GDBusProxy *proxy = G_DBUS_PROXY (get_diagnostics (self->ctl));

  return g_dbus_connection_signal_subscribe (g_dbus_proxy_get_connection (proxy),
                                             g_dbus_proxy_get_name (proxy),
                                             "org.freedesktop.DBus.Properties",
                                             "PropertiesChanged",
                                             g_dbus_proxy_get_object_path (proxy),
                                             g_dbus_proxy_get_interface_name (proxy),
                                             G_DBUS_SIGNAL_FLAGS_NONE,
                                             on_properties_changed,
                                             self,
                                             NULL);
}

static void
on_calibrated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Measuring *self = user_data;

  sighej_dbus_diagnostics1_call_calibrate_finish (SIGHEJ_DBUS_DIAGNOSTICS1 (source),
                                                  &self->value,
                                                  &self->median,
                                                  &self->samples,
                                                  &self->spread,
                                                  result,
                                                  &self->error);
  self->done = TRUE;
}

static void
follow (Measuring *self)
{
  SighejDBusDiagnostics1 *diagnostics = get_diagnostics (self->ctl);
  guint progress_id = subscribe (self);

  sighej_dbus_diagnostics1_call_calibrate (
      diagnostics, get_what (self->ctl), self->seconds, NULL, on_calibrated, self);
  /* The call itself ends when the bus goes away. */
  while (!self->done)
    g_main_context_iteration (NULL, TRUE);
  g_dbus_connection_signal_unsubscribe (sighej_client_get_connection (self->ctl->client),
                                        progress_id);
  end_line (self);
}

/* ---- measuring ---- */

static void
say_received (Measuring *self)
{
  const SighejctlOutput *output = &self->ctl->output;

  if (self->value == 0)
    sighejctl_output_say (output, "%s", _ ("This machine reads as it should"));
  else if (self->value > 0)
    sighejctl_output_say (output, _ ("This machine reads %d dB too little"), self->value);
  else
    sighejctl_output_say (output, _ ("This machine reads %d dB too much"), -self->value);
  /* Translators: goes on from "This machine reads as it should" */
  sighejctl_output_say (output,
                        _ (": median %d dBm of %u samples, spread %u dB.\n"
                           "That is kept for this adapter and used from now on.\n"),
                        self->median,
                        self->samples,
                        self->spread);
}

static void
say_sent (Measuring *self)
{
  sighejctl_output_say (&self->ctl->output,
                        _ ("The other machine should say %d dBm: median %d dBm of %u samples, "
                           "spread %u dB.\n"
                           "Next, on the other machine: sighejctl calibrate --transmit --set=%d\n"),
                        self->value,
                        self->median,
                        self->samples,
                        self->spread,
                        self->value);
}

static void
tell_measured (Measuring *self)
{
  GVariantBuilder record;

  if (self->ctl->calibration.transmit)
    say_sent (self);
  else
    say_received (self);

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "what", g_variant_new_string (get_what (self->ctl)));
  sighejctl_record_add (&record, "value", g_variant_new_int32 (self->value));
  sighejctl_record_add (&record, "median", g_variant_new_int32 (self->median));
  sighejctl_record_add (&record, "samples", g_variant_new_uint32 (self->samples));
  sighejctl_record_add (&record, "spread", g_variant_new_uint32 (self->spread));
  sighejctl_output_record (&self->ctl->output, g_variant_builder_end (&record));
}

static int
measure (Sighejctl *ctl, GError **error)
{
  int asked = ctl->calibration.seconds;
  Measuring self = { .ctl = ctl, .seconds = asked != 0 ? (guint) asked : SECONDS_DEFAULT };

  if (asked != 0 && (asked < SECONDS_MIN || asked > SECONDS_MAX))
    {
      sighejctl_usage (error, _ ("--seconds takes %d to %d"), SECONDS_MIN, SECONDS_MAX);
      return -1;
    }

  sighejctl_output_say (&ctl->output,
                        _ ("Put the other machine, open too, 1 m away with nothing between; all "
                           "others at least 3 m.\n"));
  fflush (ctl->output.file);
  if (ctl->timeout_s != 0)
    g_dbus_proxy_set_default_timeout (
        G_DBUS_PROXY (get_diagnostics (ctl)),
        (int) (SECONDS_MAX * MS_PER_S + sighejctl_get_timeout_ms (ctl)));
  follow (&self);
  if (self.error != NULL)
    {
      g_propagate_error (error, self.error);
      return -1;
    }

  tell_measured (&self);
  return SIGHEJCTL_EXIT_DONE;
}

static gboolean
check_options (const SighejctlCalibration *asked, GError **error)
{
  if ((asked->set != NULL) + asked->reset + asked->show > 1)
    return sighejctl_usage (error, _ ("--set, --reset and --show exclude each other"));
  if (asked->transmit && (asked->reset || asked->show))
    return sighejctl_usage (error, _ ("--reset and --show are for both; leave --transmit out"));
  if (asked->seconds != 0 && (asked->set != NULL || asked->reset || asked->show))
    return sighejctl_usage (error, _ ("--seconds goes with a measurement only"));
  return TRUE;
}

int
sighejctl_cmd_calibrate (Sighejctl *self, GError **error)
{
  const SighejctlCalibration *asked = &self->calibration;

  if (!check_options (asked, error))
    return -1;
  if (asked->show)
    return show (self, error);
  if (asked->reset)
    return reset (self, error);
  return asked->set != NULL ? set (self, error) : measure (self, error);
}
