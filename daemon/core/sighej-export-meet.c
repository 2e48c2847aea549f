/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-meet.h"

#include <string.h>

#include "sighej-enum-types.h"
#include "sighej-export-report.h"
#include "sighej-export.h"
#include "sighej-names.h"

/* Messages one GetMessages answers at most. */
#define PAGE_MESSAGES_MAX 200
/* Characters of the word End takes. */
#define END_REASON_CHARS_MAX 40

struct _SighejExportMeet
{
  SighejDBusMeet1Skeleton parent_instance;

  SighejMeets *meets;
  guint64 number;
};

static void meet_iface_init (SighejDBusMeet1Iface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejExportMeet,
                               sighej_export_meet,
                               SIGHEJ_DBUS_TYPE_MEET1_SKELETON,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_DBUS_TYPE_MEET1, meet_iface_init))

static void
sighej_export_meet_init (SighejExportMeet *self)
{
}

static void
sighej_export_meet_dispose (GObject *object)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (object);

  g_clear_object (&self->meets);

  G_OBJECT_CLASS (sighej_export_meet_parent_class)->dispose (object);
}

static void
sighej_export_meet_class_init (SighejExportMeetClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_meet_dispose;
}

/* ---- what needs the backend's word ---- */

typedef void (*Complete) (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation);

typedef struct
{
  SighejDBusMeet1 *meet;
  GDBusMethodInvocation *invocation;
  Complete complete;
} Call;

static Call *
call_new (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation, Complete complete)
{
  Call *call = g_new0 (Call, 1);

  call->meet = g_object_ref (meet);
  call->invocation = invocation;
  call->complete = complete;
  return call;
}

static void
on_acted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (SighejDBusMeet1) meet = call->meet;
  GError *error = NULL;

  if (!sighej_meets_act_finish (SIGHEJ_MEETS (source), result, &error))
    sighej_export_return_error (call->invocation, error);
  else
    call->complete (meet, call->invocation);
}

static gboolean
handle_propose_spot (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation, const char *spot)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);

  sighej_meets_propose_spot_async (
      self->meets,
      self->number,
      spot,
      on_acted,
      call_new (meet, invocation, sighej_dbus_meet1_complete_propose_spot));
  return TRUE;
}

static gboolean
handle_im_here (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);

  sighej_meets_here_async (self->meets,
                           self->number,
                           on_acted,
                           call_new (meet, invocation, sighej_dbus_meet1_complete_im_here));
  return TRUE;
}

static gboolean
handle_confirm_met (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);

  sighej_meets_confirm_async (self->meets,
                              self->number,
                              on_acted,
                              call_new (meet, invocation, sighej_dbus_meet1_complete_confirm_met));
  return TRUE;
}

static gboolean
handle_share_position (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation, gboolean share)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);

  sighej_meets_share_position_async (
      self->meets,
      self->number,
      share,
      on_acted,
      call_new (meet, invocation, sighej_dbus_meet1_complete_share_position));
  return TRUE;
}

static void
on_reported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (SighejDBusMeet1) meet = call->meet;
  g_autofree char *receipt = NULL;
  GError *error = NULL;

  receipt = sighej_meets_report_finish (SIGHEJ_MEETS (source), result, &error);
  if (receipt == NULL)
    sighej_export_return_error (call->invocation, error);
  else
    sighej_dbus_meet1_complete_report (meet, call->invocation, receipt);
}

static gboolean
handle_report (SighejDBusMeet1 *meet,
               GDBusMethodInvocation *invocation,
               const char *reason,
               GVariant *options)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);
  g_auto (SighejExportReport) report = { 0 };
  GError *error = NULL;

  if (!sighej_export_report_read (&report, options, TRUE, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_meets_report_async (self->meets,
                               0,
                               self->number,
                               reason,
                               report.text,
                               report.messages,
                               report.n_messages,
                               on_reported,
                               call_new (meet, invocation, NULL));
  return TRUE;
}

/* ---- what is answered at once ---- */

/* Answers the call by what became of it: completed, or @error, which is taken. */
static gboolean
answer (SighejDBusMeet1 *meet,
        GDBusMethodInvocation *invocation,
        gboolean done,
        Complete complete,
        GError *error)
{
  if (!done)
    sighej_export_return_error (invocation, error);
  else
    complete (meet, invocation);
  return TRUE;
}

static gboolean
check_end_reason (const char *reason, GError **error)
{
  if (strlen (reason) <= END_REASON_CHARS_MAX
      && strspn (reason, "abcdefghijklmnopqrstuvwxyz-") == strlen (reason))
    return TRUE;

  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_INVALID_REQUEST,
               "the reason must be at most %d of a to z and \"-\"",
               END_REASON_CHARS_MAX);
  return FALSE;
}

static gboolean
handle_end (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation, const char *reason)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);
  GError *error = NULL;
  gboolean done
      = check_end_reason (reason, &error) && sighej_meets_end (self->meets, self->number, &error);

  if (done)
    g_info ("the person ended a meet: %s", *reason == '\0' ? "no reason given" : reason);
  return answer (meet, invocation, done, sighej_dbus_meet1_complete_end, error);
}

static gboolean
handle_block (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);
  GError *error = NULL;
  gboolean done = sighej_meets_block_meet (self->meets, self->number, &error);

  return answer (meet, invocation, done, sighej_dbus_meet1_complete_block, error);
}

static gboolean
handle_avoid_in_future (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation, gboolean avoid)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);
  GError *error = NULL;
  gboolean done = sighej_meets_avoid_in_future (self->meets, self->number, avoid, &error);

  return answer (meet, invocation, done, sighej_dbus_meet1_complete_avoid_in_future, error);
}

static gboolean
handle_mark_read (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation, guint64 number)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);
  GError *error = NULL;
  gboolean done = sighej_meets_mark_read (self->meets, self->number, number, &error);

  return answer (meet, invocation, done, sighej_dbus_meet1_complete_mark_read, error);
}

static gboolean
handle_set_typing (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation, gboolean typing)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);
  GError *error = NULL;
  gboolean done = sighej_meets_set_typing (self->meets, self->number, typing, &error);

  return answer (meet, invocation, done, sighej_dbus_meet1_complete_set_typing, error);
}

static gboolean
handle_send_message (SighejDBusMeet1 *meet, GDBusMethodInvocation *invocation, const char *text)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);
  GError *error = NULL;
  guint64 number = sighej_meets_send (self->meets, self->number, text, &error);

  if (number == 0)
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_meet1_complete_send_message (meet, invocation, number);
  return TRUE;
}

static GVariant *
messages_to_variant (const SighejMeet *meet, guint64 after, guint limit)
{
  GVariantBuilder builder;
  guint n_messages = 0;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(tbtss)"));
  for (guint i = 0; i < meet->messages->len && n_messages < limit; i++)
    {
      const SighejMeetMessage *message = g_ptr_array_index (meet->messages, i);

      if (message->n <= after)
        continue;
      g_variant_builder_add (&builder,
                             "(tbtss)",
                             message->n,
                             message->own,
                             message->time_s,
                             message->text,
                             sighej_enum_to_nick (SIGHEJ_TYPE_MEET_MARK, (int) message->mark));
      n_messages++;
    }
  return g_variant_builder_end (&builder);
}

static gboolean
handle_get_messages (SighejDBusMeet1 *meet,
                     GDBusMethodInvocation *invocation,
                     guint64 after,
                     guint limit)
{
  SighejExportMeet *self = SIGHEJ_EXPORT_MEET (meet);
  const SighejMeet *known = sighej_meets_get (self->meets, self->number);
  GError *error = NULL;

  if (known == NULL)
    g_set_error_literal (&error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "the meet is over");
  else if (limit > PAGE_MESSAGES_MAX)
    g_set_error (&error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_INVALID_REQUEST,
                 "the limit must be between 0 and %d",
                 PAGE_MESSAGES_MAX);

  if (error != NULL)
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_meet1_complete_get_messages (
        meet,
        invocation,
        messages_to_variant (known, after, limit == 0 ? PAGE_MESSAGES_MAX : limit));
  return TRUE;
}

static void
meet_iface_init (SighejDBusMeet1Iface *iface)
{
  iface->handle_propose_spot = handle_propose_spot;
  iface->handle_im_here = handle_im_here;
  iface->handle_confirm_met = handle_confirm_met;
  iface->handle_end = handle_end;
  iface->handle_send_message = handle_send_message;
  iface->handle_get_messages = handle_get_messages;
  iface->handle_mark_read = handle_mark_read;
  iface->handle_set_typing = handle_set_typing;
  iface->handle_share_position = handle_share_position;
  iface->handle_avoid_in_future = handle_avoid_in_future;
  iface->handle_block = handle_block;
  iface->handle_report = handle_report;
}

/* ---- the meet, shown as properties; the skeleton announces only what differs ---- */

SighejExportMeet *
sighej_export_meet_new (SighejMeets *meets, const SighejMeet *meet)
{
  SighejExportMeet *self = g_object_new (SIGHEJ_TYPE_EXPORT_MEET, NULL);

  self->meets = g_object_ref (meets);
  self->number = meet->number;
  sighej_dbus_meet1_set_role (SIGHEJ_DBUS_MEET1 (self), meet->role);
  sighej_export_meet_show (self, meet);
  return self;
}

static void
show_words (SighejDBusMeet1 *skeleton, const SighejMeet *meet)
{
  sighej_dbus_meet1_set_handle (skeleton, meet->own_handle);
  sighej_dbus_meet1_set_peer_handle (skeleton, meet->peer_handle);
  sighej_dbus_meet1_set_cue (skeleton, meet->cue);
  sighej_dbus_meet1_set_spot (skeleton, meet->spot);
  sighej_dbus_meet1_set_spots (skeleton, meet->spots);
  sighej_dbus_meet1_set_phrase (skeleton, meet->phrase);
  sighej_dbus_meet1_set_problem (skeleton, sighej_meet_problem_to_word (meet->problem));
}

static void
show_states (SighejDBusMeet1 *skeleton, const SighejMeet *meet)
{
  sighej_dbus_meet1_set_state (skeleton,
                               sighej_enum_to_nick (SIGHEJ_TYPE_MEET_STATE, (int) meet->state));
  sighej_dbus_meet1_set_band (skeleton, sighej_enum_to_nick (SIGHEJ_TYPE_BAND, (int) meet->band));
  sighej_dbus_meet1_set_trust (skeleton,
                               sighej_enum_to_nick (SIGHEJ_TYPE_MEET_TRUST, (int) meet->trust));
  sighej_dbus_meet1_set_sharing (
      skeleton, sighej_enum_to_nick (SIGHEJ_TYPE_MEET_SHARING, (int) meet->sharing));
  sighej_dbus_meet1_set_expires (skeleton, meet->expires_s);
  sighej_dbus_meet1_set_here (skeleton, meet->own_here);
  sighej_dbus_meet1_set_peer_here (skeleton, meet->peer_here);
  sighej_dbus_meet1_set_peer_there (skeleton, meet->peer_there);
  sighej_dbus_meet1_set_confirmed (skeleton, meet->confirmed);
  sighej_dbus_meet1_set_avoid (skeleton, meet->avoid);
  sighej_dbus_meet1_set_unread (skeleton, meet->n_unread);
  sighej_dbus_meet1_set_peer_typing (skeleton, meet->peer_typing);
}

static void
show_places (SighejDBusMeet1 *skeleton, const SighejMeet *meet)
{
  g_autofree char *own = g_strdup_printf ("%s %s", meet->own_direction, meet->own_distance);

  sighej_dbus_meet1_set_peer_place (
      skeleton, g_variant_new ("(ss)", meet->peer_direction, meet->peer_distance));
  sighej_dbus_meet1_set_own_place (skeleton, g_strstrip (own));
}

void
sighej_export_meet_show (SighejExportMeet *self, const SighejMeet *meet)
{
  SighejDBusMeet1 *skeleton = SIGHEJ_DBUS_MEET1 (self);

  show_words (skeleton, meet);
  show_states (skeleton, meet);
  show_places (skeleton, meet);
}

char *
sighej_export_meet_dup_path (guint64 number)
{
  return g_strdup_printf (SIGHEJ_MEET_PATH_PREFIX "%" G_GUINT64_FORMAT, number);
}

guint64
sighej_export_meet_number (const char *path)
{
  guint64 number = 0;

  if (!g_str_has_prefix (path, SIGHEJ_MEET_PATH_PREFIX)
      || !g_ascii_string_to_unsigned (
          path + strlen (SIGHEJ_MEET_PATH_PREFIX), 10, 1, G_MAXINT64, &number, NULL))
    return 0;
  return number;
}
