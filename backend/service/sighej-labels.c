/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-labels"

#include "config.h"

#include "sighej-labels.h"

#include <string.h>

#include "sighej-error.h"

char **
sighej_labels_unseal (SighejVault *vault, const SighejStoreInfo *info, GError **error)
{
  char **labels = sighej_vault_unseal_labels (vault, info->id, info->sealed_labels);

  if (labels == NULL || g_strv_length (labels) != info->n_interests)
    {
      g_clear_pointer (&labels, sighej_labels_wipe);
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_UNAVAILABLE,
                           "the session was sealed with another key file");
    }
  return labels;
}

const char **
sighej_labels_pick (char **labels, guint32 mask)
{
  const char **picked = g_new0 (const char *, SIGHEJ_WIRE_SHARED_MAX + 1);
  guint n_picked = 0;

  for (guint i = 0; labels[i] != NULL && n_picked < SIGHEJ_WIRE_SHARED_MAX; i++)
    if ((mask >> i & 1) != 0)
      picked[n_picked++] = labels[i];
  return picked;
}

void
sighej_labels_wipe (char **labels)
{
  for (guint i = 0; labels != NULL && labels[i] != NULL; i++)
    sighej_wipe (labels[i], strlen (labels[i]));
  g_free (labels);
}

/* What its receiver needs for all that may follow. */
static void
fill_ticket (SighejWireServerMessage *message,
             SighejVault *vault,
             const SighejStoreNudge *nudge,
             const SighejStoreInfo *info,
             gint64 now_ms)
{
  SighejNudgeTicket ticket = { .made_ms = now_ms };

  memcpy (ticket.nudge_id, message->nudge_id, sizeof ticket.nudge_id);
  memcpy (ticket.own, info->opening, sizeof ticket.own);
  memcpy (ticket.peer, nudge->peer_opening, sizeof ticket.peer);
  message->ticket = sighej_vault_seal_ticket (vault, &ticket);
  message->has_peer_key = nudge->has_peer_key;
  memcpy (message->peer_key, nudge->peer_key, sizeof message->peer_key);
}

/* Both sides get the same id, whichever process makes it and however often. */
static void
fill_message (SighejWireServerMessage *message,
              SighejVault *vault,
              const SighejStoreNudge *nudge,
              const SighejStoreInfo *info,
              char **labels,
              gint64 now_ms)
{
  const char **shared = sighej_labels_pick (labels, nudge->shared_mask);

  message->type = SIGHEJ_WIRE_NUDGE;
  sighej_vault_nudge_id (vault, info->opening, nudge->peer_opening, message->nudge_id);
  message->seq = nudge->seq;
  message->shared_interests = (GStrv) shared;
  message->message = sighej_wire_nudge_sentence (shared);
  if (now_ms > 0)
    fill_ticket (message, vault, nudge, info, now_ms);
}

SighejWireServerMessage *
sighej_labels_write_nudges (SighejVault *vault,
                            const SighejStoreNudge *nudges,
                            guint n_nudges,
                            const SighejStoreInfo *info,
                            char **labels,
                            gint64 now_ms)
{
  SighejWireServerMessage *messages = g_new0 (SighejWireServerMessage, n_nudges);

  for (guint i = 0; i < n_nudges; i++)
    fill_message (&messages[i], vault, &nudges[i], info, labels, now_ms);
  return messages;
}

void
sighej_labels_wipe_nudges (SighejWireServerMessage *messages, guint n_messages)
{
  for (guint i = 0; i < n_messages; i++)
    {
      /* The words are the labels' own. */
      g_free (messages[i].shared_interests);
      sighej_wipe_free_string (messages[i].message);
      g_free (messages[i].ticket);
    }
  g_free (messages);
}
