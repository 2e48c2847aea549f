/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-link-session.h"

G_BEGIN_DECLS

/* Nudges handed out and not acknowledged yet; of more, the oldest are not acknowledged. */
#define SIGHEJ_LINK_NUDGES_MAX 64

/**
 * SighejLinkNudges:
 *
 * The nudges SighejLink has handed out and nobody has taken over yet. Outbox numbers count per
 * session, and two sessions overlap while one is renewed; the numbers given here count over
 * all of them. A value inside the link; zero it to begin.
 */
typedef struct
{
  GQueue waiting;
  guint64 last_seq;
} SighejLinkNudges;

void sighej_link_nudges_clear (SighejLinkNudges *self);

/* The number to hand a nudge out under; the same when it comes again. */
guint64
sighej_link_nudges_number (SighejLinkNudges *self, SighejLinkSession *session, guint64 session_seq);

/* The nudge @seq, and all before it, was taken over: tells the sessions they came from. */
void sighej_link_nudges_ack (SighejLinkNudges *self, guint64 seq);

/* @session is over. */
void sighej_link_nudges_forget (SighejLinkNudges *self, SighejLinkSession *session);

G_END_DECLS
