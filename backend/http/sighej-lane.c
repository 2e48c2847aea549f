/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-lane"

#include "config.h"

#include "sighej-lane.h"

#include <string.h>

#include <libsoup/soup.h>

#include "sighej-crypto.h"
#include "sighej-hub-source.h"

#define REQUESTS_PER_TURN 16 /* of one connection, then others have a turn */
#define ANSWER_HEADERS_MAX 24
#define ANSWER_BYTES 1024 /* at first; it grows */
#define DATE_CHARS_MAX 32

struct _SighejLane
{
  SighejLaneCalls calls;
  guint *n_requests;
  gpointer user_data;

  GSource *source;
  GHashTable *alone; /* set of SighejGuardStream, owned: those libsoup does not have */
  GPtrArray *gone;   /* owned; let go when no event can name them any more */
  gint64 date_s;
  char date[DATE_CHARS_MAX];
};

/* One request and its answer; kept alive until the socket has taken that. */
typedef struct
{
  SighejCarrier parent;

  SighejLane *lane;
  SighejGuardStream *guard;
  SighejExpress express;
  gboolean is_starting; /* the lane looks for what follows by itself */
  gboolean is_last;
  GString *answer;
  guint n_headers;
  struct
  {
    const char *name;
    char *value;
  } headers[ANSWER_HEADERS_MAX]; /* of the answer */
  char data[];                   /* the request; names and values end in NUL */
} LaneRequest;

static void run (SighejLane *self, SighejGuardStream *guard);

/* ---- life ---- */

static void
lane_clear (gpointer data)
{
  SighejLane *self = data;

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_hash_table_unref (self->alone);
  g_ptr_array_unref (self->gone);
}

void
sighej_lane_unref (SighejLane *self)
{
  g_rc_box_release_full (self, lane_clear);
}

/* ---- the request ---- */

static const char *
get_method (SighejCarrier *carrier)
{
  return "POST";
}

static const char *
get_path (SighejCarrier *carrier)
{
  LaneRequest *self = (LaneRequest *) carrier;

  return self->data + self->express.path;
}

static const char *
get_header (SighejCarrier *carrier, const char *name)
{
  LaneRequest *self = (LaneRequest *) carrier;
  int i = sighej_express_find (&self->express, self->data, name);

  return i >= 0 ? self->data + self->express.lines[i].value : NULL;
}

static const char *
get_content_type (SighejCarrier *carrier)
{
  return get_header (carrier, "Content-Type");
}

static GSocketAddress *
get_remote_address (SighejCarrier *carrier)
{
  return sighej_guard_stream_get_remote (((LaneRequest *) carrier)->guard);
}

static GBytes *
dup_body (SighejCarrier *carrier)
{
  LaneRequest *self = (LaneRequest *) carrier;

  return g_bytes_new (self->data + self->express.n_head, self->express.n_body);
}

static void
request_clear (gpointer data)
{
  LaneRequest *self = data;

  (*self->lane->n_requests)--;
  for (guint i = 0; i < self->n_headers; i++)
    g_free (self->headers[i].value);
  if (self->answer != NULL)
    {
      sighej_wipe (self->answer->str, self->answer->len);
      g_string_free (self->answer, TRUE);
    }
  sighej_wipe (self->data, (gsize) self->express.n_head + self->express.n_body);
  g_object_unref (self->guard);
  sighej_lane_unref (self->lane);
}

static void
request_unref (gpointer request)
{
  g_rc_box_release_full (request, request_clear);
}

static void
free_carrier (SighejCarrier *carrier)
{
  request_unref (carrier);
}

/* ---- the answer ---- */

static void
set_header (SighejCarrier *carrier, const char *name, const char *value)
{
  LaneRequest *self = (LaneRequest *) carrier;
  guint i = 0;

  while (i < self->n_headers && strcmp (self->headers[i].name, name) != 0)
    i++;
  g_return_if_fail (i < ANSWER_HEADERS_MAX);
  if (i == self->n_headers)
    self->headers[self->n_headers++].name = g_intern_string (name);
  else
    g_free (self->headers[i].value);
  self->headers[i].value = g_strdup (value);
  if (strcmp (name, "Connection") == 0)
    self->is_last = TRUE;
}

static void
wait_for_answer (SighejCarrier *carrier)
{
}

static const char *
get_date (SighejLane *self)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  if (now_s != self->date_s)
    {
      g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (now_s);
      g_autofree char *text = soup_date_time_to_string (now, SOUP_DATE_HTTP);

      self->date_s = now_s;
      g_strlcpy (self->date, text, sizeof self->date);
    }
  return self->date;
}

static void
append_header (GString *text, const char *name, const char *value)
{
  g_string_append (text, name);
  g_string_append_len (text, ": ", 2);
  g_string_append (text, value);
  g_string_append_len (text, "\r\n", 2);
}

static void
make_answer (LaneRequest *self, guint status, GBytes *body)
{
  GString *text = g_string_sized_new (ANSWER_BYTES);
  gsize n_body = 0;
  const char *data = body != NULL ? g_bytes_get_data (body, &n_body) : NULL;
  char length[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, "HTTP/1.1 %u %s\r\n", status, soup_status_get_phrase (status));
  append_header (text, "Date", get_date (self->lane));
  for (guint i = 0; i < self->n_headers; i++)
    append_header (text, self->headers[i].name, self->headers[i].value);
  g_snprintf (length, sizeof length, "%" G_GSIZE_FORMAT, n_body);
  append_header (text, "Content-Length", length);
  g_string_append_len (text, "\r\n", 2);
  g_string_append_len (text, data, (gssize) n_body);
  self->answer = text;
}

static void
send_answer (SighejCarrier *carrier, guint status, GBytes *body)
{
  LaneRequest *self = (LaneRequest *) carrier;
  g_autoptr (GBytes) answer = NULL;

  make_answer (self, status, body);
  answer = g_bytes_new_with_free_func (
      self->answer->str, self->answer->len, request_unref, g_rc_box_acquire (self));
  sighej_guard_stream_answer (self->guard, answer, self->is_last);
  if (!self->is_starting)
    run (self->lane, self->guard);
}

static const SighejCarrierFuncs lane_funcs = {
  .get_method = get_method,
  .get_path = get_path,
  .get_header = get_header,
  .get_content_type = get_content_type,
  .get_remote_address = get_remote_address,
  .dup_body = dup_body,
  .set_header = set_header,
  .wait = wait_for_answer,
  .send = send_answer,
  .free = free_carrier,
};

/* ---- a connection ---- */

static LaneRequest *
request_new (SighejLane *lane, SighejGuardStream *guard, const SighejExpress *express)
{
  gsize n_bytes = (gsize) express->n_head + express->n_body;
  LaneRequest *self = g_rc_box_alloc0 (sizeof *self + n_bytes);

  self->parent.funcs = &lane_funcs;
  self->lane = g_rc_box_acquire (lane);
  self->guard = g_object_ref (guard);
  self->express = *express;
  memcpy (self->data, sighej_guard_stream_get_fetched (guard), n_bytes);
  self->data[express->path_end] = '\0';
  for (guint i = 0; i < express->n_lines; i++)
    {
      self->data[express->lines[i].name_end] = '\0';
      self->data[express->lines[i].value_end] = '\0';
    }
  sighej_guard_stream_take_fetched (guard);
  (*lane->n_requests)++;
  return self;
}

static void
start_request (SighejLane *self, SighejGuardStream *guard, const SighejExpress *express)
{
  LaneRequest *request = request_new (self, guard, express);

  request->is_starting = TRUE;
  g_rc_box_acquire (request);
  self->calls.request (&request->parent, self->user_data);
  request->is_starting = FALSE;
  request_unref (request);
}

/* An event of this batch may name it still. */
static void
drop (SighejLane *self, SighejGuardStream *guard)
{
  if (!g_hash_table_steal (self->alone, guard))
    return;
  g_io_stream_close (G_IO_STREAM (guard), NULL, NULL);
  g_ptr_array_add (self->gone, guard);
}

static void
hand_over (SighejLane *self, SighejGuardStream *guard)
{
  if (!g_hash_table_steal (self->alone, guard))
    return; /* libsoup has it, and sees that there is a head to read */
  self->calls.hand_over (guard, self->user_data);
  g_ptr_array_add (self->gone, guard);
}

static void
run (SighejLane *self, SighejGuardStream *guard)
{
  SighejExpress express;
  SighejGuardStep step = SIGHEJ_GUARD_REQUEST;

  for (guint i = 0; i < REQUESTS_PER_TURN && step == SIGHEJ_GUARD_REQUEST; i++)
    {
      step = sighej_guard_stream_fetch (guard, &express);
      if (step == SIGHEJ_GUARD_REQUEST)
        start_request (self, guard, &express);
    }
  switch (step)
    {
    case SIGHEJ_GUARD_REQUEST:
      sighej_guard_stream_ask_again (guard);
      break;
    case SIGHEJ_GUARD_OTHER:
      hand_over (self, guard);
      break;
    case SIGHEJ_GUARD_END:
      drop (self, guard);
      break;
    case SIGHEJ_GUARD_WAIT:
    default:
      break;
    }
}

static void
on_ready (gpointer watched, guint32 events, gpointer user_data)
{
  sighej_guard_stream_note (watched, events);
  run (user_data, watched);
}

static void
on_batch_done (gpointer user_data)
{
  SighejLane *self = user_data;

  g_ptr_array_set_size (self->gone, 0);
}

/* ---- the lane ---- */

SighejLane *
sighej_lane_new (const SighejLaneCalls *calls, guint *n_requests, gpointer user_data)
{
  SighejLane *self = g_rc_box_new0 (SighejLane);

  self->calls = *calls;
  self->n_requests = n_requests;
  self->user_data = user_data;
  self->alone = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->gone = g_ptr_array_new_with_free_func (g_object_unref);
  self->source = sighej_hub_source_new (on_ready, on_batch_done, self);
  return self;
}

GSource *
sighej_lane_get_watch (SighejLane *self)
{
  return self->source;
}

void
sighej_lane_add (SighejLane *self, SighejGuardStream *guard)
{
  g_hash_table_add (self->alone, g_object_ref (guard));
  run (self, guard);
}

void
sighej_lane_close (SighejLane *self)
{
  GHashTableIter iter;
  gpointer guard;

  g_hash_table_iter_init (&iter, self->alone);
  while (g_hash_table_iter_next (&iter, &guard, NULL))
    {
      g_hash_table_iter_steal (&iter);
      g_io_stream_close (guard, NULL, NULL);
      g_ptr_array_add (self->gone, guard);
    }
}
