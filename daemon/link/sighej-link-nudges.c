/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-nudges.h"

typedef struct
{
  guint64 seq;
  SighejLinkSession *session;
  guint64 session_seq;
} Nudge;

static void
nudge_free (Nudge *nudge)
{
  g_object_unref (nudge->session);
  g_free (nudge);
}

void
sighej_link_nudges_clear (SighejLinkNudges *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) nudge_free);
}

guint64
sighej_link_nudges_number (SighejLinkNudges *self, SighejLinkSession *session, guint64 session_seq)
{
  Nudge *nudge;

  for (GList *link = self->waiting.head; link != NULL; link = link->next)
    {
      nudge = link->data;
      if (nudge->session == session && nudge->session_seq == session_seq)
        return nudge->seq;
    }

  if (g_queue_get_length (&self->waiting) == SIGHEJ_LINK_NUDGES_MAX)
    nudge_free (g_queue_pop_head (&self->waiting));
  nudge = g_new0 (Nudge, 1);
  nudge->seq = ++self->last_seq;
  nudge->session = g_object_ref (session);
  nudge->session_seq = session_seq;
  g_queue_push_tail (&self->waiting, nudge);
  return nudge->seq;
}

void
sighej_link_nudges_ack (SighejLinkNudges *self, guint64 seq)
{
  Nudge *nudge;

  while ((nudge = g_queue_peek_head (&self->waiting)) != NULL && nudge->seq <= seq)
    {
      g_queue_pop_head (&self->waiting);
      sighej_link_session_ack (nudge->session, nudge->session_seq);
      nudge_free (nudge);
    }
}

void
sighej_link_nudges_forget (SighejLinkNudges *self, SighejLinkSession *session)
{
  GList *link = self->waiting.head;

  while (link != NULL)
    {
      GList *next = link->next;
      Nudge *nudge = link->data;

      if (nudge->session == session)
        {
          g_queue_delete_link (&self->waiting, link);
          nudge_free (nudge);
        }
      link = next;
    }
}
