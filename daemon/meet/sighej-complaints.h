/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-link.h"

G_BEGIN_DECLS

/* So many may wait for the backend; one more is refused and not kept. */
#define SIGHEJ_COMPLAINTS_MAX 8
/* No opening is known for longer, so nothing could come of them, seconds. */
#define SIGHEJ_COMPLAINT_SECONDS (4 * 3600)
/* Between two tries of what the backend did not take, milliseconds. */
#define SIGHEJ_COMPLAINT_RETRY_MS_MIN 2000
#define SIGHEJ_COMPLAINT_RETRY_MS_MAX 60000

/**
 * SighejComplaints:
 *
 * Reports and appeals on their way to the backend's operators. Each is sent at once, and whoever
 * sends it hears what became of that. What the backend could not take just then is kept here, in
 * memory only, and sent again with the same Idempotency-Key, so that it is one however often it
 * arrives, until the backend has it or the opening is over:
 *
 *   sent --taken--> wiped                             the caller hears that it is written
 *     | '--refused for good--> wiped                  ... why
 *     no answer, or not now
 *     v                                               ... OFFLINE, and that it is kept
 *   waiting --2 to 60 s, or online again--> sent anew
 *     '--sighej_complaints_clear(), 4 h--> wiped
 *
 * Saying the same again while it waits is one complaint too, and one more try.
 */
#define SIGHEJ_TYPE_COMPLAINTS (sighej_complaints_get_type ())
G_DECLARE_FINAL_TYPE (SighejComplaints, sighej_complaints, SIGHEJ, COMPLAINTS, GObject)

SighejComplaints *sighej_complaints_new (SighejClock *clock, SighejLink *link);

/**
 * sighej_complaints_send_async:
 * @path: of the API, with its first "/"; a static string
 * @body: JSON, which wipes itself when its last reference goes
 *
 * Errors: SIGHEJ_ERROR_OFFLINE (it is kept and sent again), SIGHEJ_ERROR_NOT_OPEN,
 * SIGHEJ_ERROR_RATE_LIMITED (too many, here or there; it is not kept), and what
 * sighej_link_post_async() says of a refusal.
 */
void sighej_complaints_send_async (SighejComplaints *self,
                                   const char *path,
                                   GBytes *body,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
sighej_complaints_send_finish (SighejComplaints *self, GAsyncResult *result, GError **error);

/* The opening is over, or another backend was chosen: what waits is wiped. */
void sighej_complaints_clear (SighejComplaints *self);

/* Adds to an a{st}: "complaints.taken", "complaints.waiting", "complaints.lost", and how often one
 * was sent, "complaints.tries", and kept after that, "complaints.failures". */
void sighej_complaints_count (SighejComplaints *self, GVariantBuilder *counters);

G_END_DECLS
