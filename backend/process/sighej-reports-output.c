/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-reports"

#include "config.h"

#include "sighej-reports-output.h"

#define OTHER_KEY "(sealed with another key file, or changed: see verify)"

void
sighej_reports_view_clear (SighejReportsView *self)
{
  g_clear_pointer (&self->report, sighej_case_free);
  g_clear_pointer (&self->words, sighej_wire_report_free);
  g_clear_pointer (&self->appeals, g_ptr_array_unref);
  g_clear_pointer (&self->actions, g_ptr_array_unref);
}

char *
sighej_reports_dup_time (gint64 at_ms)
{
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (at_ms / 1000);

  return at != NULL ? g_date_time_format (at, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("?");
}

/* (nullable): of an appeal or a note, wipe it */
static char *
open_event (const SighejReportsView *view, const SighejCaseEvent *event)
{
  return sighej_case_unseal_text (view->vault,
                                  event->deed == NULL ? SIGHEJ_CASE_APPEAL : SIGHEJ_CASE_NOTE,
                                  view->report->reported,
                                  event->content);
}

/* ---- for people ---- */

void
sighej_reports_print_line (const SighejCase *report)
{
  g_autofree char *at = sighej_reports_dup_time (report->at_ms);

  g_print ("%4" G_GINT64_FORMAT "  %s  %-10s  %-9s  %u reporter%s",
           report->id,
           at,
           report->reason,
           report->state,
           report->n_reporters,
           report->n_reporters == 1 ? "" : "s");
  if (report->n_appeals > 0)
    g_print (", %u appeal%s", report->n_appeals, report->n_appeals == 1 ? "" : "s");
  if (report->muted_until_ms > 0)
    {
      g_autofree char *until = sighej_reports_dup_time (report->muted_until_ms);

      g_print (", muted until %s", until);
    }
  g_print ("\n");
}

/* Each line of what somebody wrote is set in, so that none passes for one of ours. */
static void
print_prose (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    g_print ("      | %s\n", lines[i]);
}

static void
print_words (const SighejWireReport *words)
{
  if (words == NULL)
    {
      g_print ("      " OTHER_KEY "\n");
      return;
    }
  if (words->text != NULL)
    print_prose (words->text);
  for (guint i = 0; words->attached != NULL && words->attached[i] != NULL; i++)
    {
      g_print ("      attached %u:\n", i + 1);
      print_prose (words->attached[i]);
    }
}

static void
print_events (const SighejReportsView *view, const GPtrArray *events)
{
  for (guint i = 0; i < events->len; i++)
    {
      const SighejCaseEvent *event = events->pdata[i];
      g_autofree char *at = sighej_reports_dup_time (event->at_ms);
      char *text;

      g_print ("      %s  %s%s%s\n",
               at,
               event->deed != NULL ? event->deed : "appeal",
               event->actor != NULL ? " by " : "",
               event->actor != NULL ? event->actor : "");
      if (event->content[0] == '\0')
        continue;
      text = open_event (view, event);
      print_prose (text != NULL ? text : OTHER_KEY);
      sighej_wipe_free_string (text);
    }
}

void
sighej_reports_print_whole (const SighejReportsView *view)
{
  sighej_reports_print_line (view->report);
  g_print ("      reporter %s, reported %s\n", view->report->reporter, view->report->reported);
  print_words (view->words);
  print_events (view, view->appeals);
  print_events (view, view->actions);
}

/* ---- for programs ---- */

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static void
add_time (JsonBuilder *builder, const char *name, gint64 at_ms)
{
  g_autofree char *text = at_ms > 0 ? sighej_reports_dup_time (at_ms) : NULL;

  add_text (builder, name, text);
}

void
sighej_reports_build_line (JsonBuilder *builder, const SighejCase *report)
{
  add_number (builder, "id", report->id);
  add_time (builder, "at", report->at_ms);
  add_text (builder, "reason", report->reason);
  add_text (builder, "state", report->state);
  add_text (builder, "reporter", report->reporter);
  add_text (builder, "reported", report->reported);
  add_number (builder, "n_reporters", report->n_reporters);
  add_number (builder, "n_appeals", report->n_appeals);
  add_time (builder, "muted_until", report->muted_until_ms);
}

static void
build_attached (JsonBuilder *builder, const SighejWireReport *words)
{
  json_builder_set_member_name (builder, "attached");
  json_builder_begin_array (builder);
  for (guint i = 0; words != NULL && words->attached != NULL && words->attached[i] != NULL; i++)
    json_builder_add_string_value (builder, words->attached[i]);
  json_builder_end_array (builder);
}

static void
build_event (JsonBuilder *builder, const SighejReportsView *view, const SighejCaseEvent *event)
{
  char *text = event->content[0] != '\0' ? open_event (view, event) : NULL;

  json_builder_begin_object (builder);
  add_time (builder, "at", event->at_ms);
  if (event->deed != NULL)
    {
      add_text (builder, "deed", event->deed);
      add_text (builder, "actor", event->actor);
    }
  add_text (builder, event->deed != NULL ? "note" : "text", text);
  json_builder_end_object (builder);
  sighej_wipe_free_string (text);
}

static void
build_events (JsonBuilder *builder,
              const char *name,
              const SighejReportsView *view,
              const GPtrArray *events)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < events->len; i++)
    build_event (builder, view, events->pdata[i]);
  json_builder_end_array (builder);
}

void
sighej_reports_build_whole (JsonBuilder *builder, const SighejReportsView *view)
{
  sighej_reports_build_line (builder, view->report);
  json_builder_set_member_name (builder, "readable");
  json_builder_add_boolean_value (builder, view->words != NULL);
  add_text (builder, "text", view->words != NULL ? view->words->text : NULL);
  build_attached (builder, view->words);
  build_events (builder, "appeals", view, view->appeals);
  build_events (builder, "actions", view, view->actions);
}
