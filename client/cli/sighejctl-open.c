/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-error.h"
#include "sighej-words.h"
#include "sighejctl-cmds.h"

/* A radio that is just waking up gets so long before it counts as unusable, milliseconds. */
#define SETTLE_MS 1500

/* The exit code of sighejctl for a radio that cannot be used. */
#define EXIT_BLUETOOTH 6

static gboolean
choose_backend (Sighejctl *self, GError **error)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  const char *uri = sighej_dbus_manager1_get_backend_uri (manager);
  g_autofree char *answer = NULL;

  if (uri != NULL && *uri != '\0')
    return TRUE;
  if (sighejctl_can_ask (self))
    answer
        = sighejctl_ask (_ ("No backend is chosen yet. Its address (https://…, empty to stop):"));
  if (answer != NULL && *answer != '\0')
    return sighejctl_set_property (self, "BackendUri", g_variant_new_string (answer), error);

  g_set_error_literal (
      error,
      SIGHEJ_ERROR,
      SIGHEJ_ERROR_OFFLINE,
      _ ("no backend is chosen yet; choose one you trust with 'sighejctl backend set "
         "https://…', then open"));
  return FALSE;
}

static gboolean
check_interests (Sighejctl *self, GError **error)
{
  const char *const *interests
      = sighej_dbus_manager1_get_interests (sighej_client_get_manager (self->client));

  if (interests != NULL && interests[0] != NULL)
    return TRUE;
  g_set_error_literal (
      error,
      SIGHEJ_ERROR,
      SIGHEJ_ERROR_INVALID_INTEREST,
      _ ("no interest is chosen yet; say what you like to talk about with 'sighejctl "
         "interests set devops \"board games\"', then open"));
  return FALSE;
}

static GError *
new_waiting_error (SighejReason reason)
{
  GError *error = sighej_error_new_for_reason (reason);
  const char *step = sighej_words_reason_step (reason);

  /* The daemon goes on wanting to be open, and a person must know that. */
  g_free (error->message);
  error->message = g_strconcat (sighej_words_reason (reason),
                                "; ",
                                step,
                                *step == '\0' ? "" : "; ",
                                _ ("it opens by itself then, 'sighejctl close' gives up"),
                                NULL);
  return error;
}

static gboolean
is_bluetooth_trouble (SighejReason reason)
{
  g_autoptr (GError) explanation = sighej_error_new_for_reason (reason);

  return sighejctl_failure_exit_code (explanation) == EXIT_BLUETOOTH;
}

/* Whoever has just opened is not paused by her own wish. */
static gboolean
is_held_back (SighejState state)
{
  return state == SIGHEJ_STATE_WAITING || state == SIGHEJ_STATE_PAUSED;
}

static gboolean
not_waiting (Sighejctl *self, gpointer user_data)
{
  return sighejctl_get_state (self) != SIGHEJ_STATE_WAITING;
}

/**
 * Opening:
 * @settle_id: runs while the radio is in the way
 * @blocked: it has been in the way for so long that only a person can move it
 */
typedef struct
{
  guint settle_id;
  gboolean blocked;
} Opening;

static gboolean
on_settled (gpointer user_data)
{
  Opening *opening = user_data;

  opening->settle_id = 0;
  opening->blocked = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
is_decided (Sighejctl *self, gpointer user_data)
{
  Opening *opening = user_data;
  SighejState state = sighejctl_get_state (self);

  if (state == SIGHEJ_STATE_WAITING && is_bluetooth_trouble (sighejctl_get_reason (self)))
    {
      if (opening->settle_id == 0 && !opening->blocked)
        opening->settle_id = g_timeout_add (SETTLE_MS, on_settled, opening);
      return opening->blocked;
    }
  g_clear_handle_id (&opening->settle_id, g_source_remove);
  opening->blocked = FALSE;
  return state == SIGHEJ_STATE_OPEN || state == SIGHEJ_STATE_OFF;
}

static gboolean
wait_for_open (Sighejctl *self, GError **error)
{
  Opening opening = { 0, FALSE };
  g_autoptr (GError) reason = NULL;
  gboolean decided
      = sighejctl_wait_until (self, is_decided, &opening, sighejctl_get_timeout_ms (self), &reason);

  g_clear_handle_id (&opening.settle_id, g_source_remove);
  if (decided)
    return TRUE;
  if (is_held_back (sighejctl_get_state (self)))
    g_prefix_error (&reason, "%s: ", sighej_words_reason (sighejctl_get_reason (self)));
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static int
tell_opened (Sighejctl *self, GError **error)
{
  switch (sighejctl_get_state (self))
    {
    case SIGHEJ_STATE_WAITING:
    case SIGHEJ_STATE_PAUSED:
      g_propagate_error (error, new_waiting_error (sighejctl_get_reason (self)));
      return -1;
    case SIGHEJ_STATE_OFF:
    case SIGHEJ_STATE_CLOSING:
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN, _ ("it was closed before it was open"));
      return -1;
    case SIGHEJ_STATE_OPENING:
    case SIGHEJ_STATE_OPEN:
    default:
      sighejctl_tell_state (self);
      return SIGHEJCTL_EXIT_DONE;
    }
}

/* What a person chooses before she is seen; a kiosk stands for nobody. */
static gboolean
check_person (Sighejctl *self, GError **error)
{
  return self->system_bus
         || (choose_backend (self, error) && sighejctl_notice_check (self, error)
             && check_interests (self, error));
}

int
sighejctl_open (Sighejctl *self, guint seconds, GError **error)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  guint64 until;

  if (!check_person (self, error)
      || !sighej_dbus_manager1_call_open_sync (manager, seconds, &until, NULL, error)
      || !sighejctl_refresh (self, error))
    return -1;

  if (self->wait && !wait_for_open (self, error))
    return -1;
  if (!self->wait && sighejctl_get_state (self) == SIGHEJ_STATE_WAITING)
    sighejctl_wait_until (self, not_waiting, NULL, SETTLE_MS, NULL);
  return tell_opened (self, error);
}

int
sighejctl_cmd_open (Sighejctl *self, GError **error)
{
  guint seconds = 0;

  if (self->n_arguments > 0 && !sighejctl_parse_duration (self->arguments[0], &seconds, error))
    return -1;
  return sighejctl_open (self, seconds, error);
}

int
sighejctl_cmd_toggle (Sighejctl *self, GError **error)
{
  if (sighejctl_get_state (self) == SIGHEJ_STATE_OFF)
    return sighejctl_open (self, 0, error);
  return sighejctl_close (self, error);
}
