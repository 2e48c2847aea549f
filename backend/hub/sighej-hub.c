/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-hub"

#include "config.h"

#include "sighej-hub.h"

#include "sighej-framer.h"
#include "sighej-hub-source.h"
#include "sighej-peer.h"

#define PEERS_PER_SESSION_MAX 2
#define MESSAGE_BYTES 1024 /* at first; it grows */

struct _SighejHub
{
  GObject parent_instance;

  SighejPeerHost host;
  SighejPeer *unwritten; /* see SighejPeerHost */
  SighejPingPace pace;
  GHashTable *peers;  /* set of SighejPeer*, owned: all that are not gone */
  GHashTable *proved; /* session id (the peer's own string) -> GPtrArray of peers, oldest first */
  GPtrArray *gone;    /* owned; freed when no event can name them any more */
  GSource *reaper;
  gboolean draining;
};

enum
{
  SIGNAL_CLOSED,
  SIGNAL_DRAINED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejHub, sighej_hub, G_TYPE_OBJECT)

/* Outside every batch: what was queued leaves, who is gone is freed. */
static void
settle (SighejHub *self)
{
  sighej_peer_write_all (&self->unwritten);
  g_ptr_array_set_size (self->gone, 0);
}

static gboolean
on_reap (gpointer user_data)
{
  SighejHub *self = user_data;

  g_clear_pointer (&self->reaper, g_source_unref);
  settle (self);
  /* One more may come yet, whose handshake was under way: the hub drains until it is gone. */
  if (self->draining && g_hash_table_size (self->peers) == 0)
    g_signal_emit (self, signals[SIGNAL_DRAINED], 0);
  return G_SOURCE_REMOVE;
}

static void
set_pace (SighejHub *self)
{
  guint n_ticks = SIGHEJ_PEER_PING_MS / SIGHEJ_WHEEL_TICK_MS;

  self->pace.n_pings_max
      = MAX (SIGHEJ_PEER_PINGS_PER_TICK_MIN, 2 * g_hash_table_size (self->peers) / n_ticks);
}

static void
reap_soon (SighejHub *self)
{
  if (self->reaper != NULL)
    return;
  self->reaper = g_idle_source_new ();
  g_source_set_priority (self->reaper, G_PRIORITY_HIGH);
  g_source_set_callback (self->reaper, on_reap, self, NULL);
  g_source_attach (self->reaper, g_main_context_get_thread_default ());
}

static void
on_ready (gpointer watched, guint32 events, gpointer user_data)
{
  sighej_peer_ready (watched, events);
}

static void
on_batch_done (gpointer user_data)
{
  settle (user_data);
}

static void
on_timer (SighejWheelTimer *timer, gpointer user_data)
{
  sighej_peer_timer (timer);
}

static void
forget_session_peer (SighejHub *self, SighejPeer *peer)
{
  const char *session_id = sighej_peer_get_session_id (peer);
  GPtrArray *peers = g_hash_table_lookup (self->proved, session_id);

  if (peers == NULL || !g_ptr_array_remove (peers, peer))
    return;
  if (peers->len == 0)
    g_hash_table_remove (self->proved, session_id);
  else /* what the newest got and did not acknowledge */
    sighej_peer_wake (g_ptr_array_index (peers, peers->len - 1));
}

static void
on_peer_closing (int fd, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_CLOSED], 0, fd);
}

static void
on_peer_gone (SighejPeer *peer, gpointer user_data)
{
  SighejHub *self = user_data;

  forget_session_peer (self, peer);
  g_hash_table_steal (self->peers, peer);
  set_pace (self);
  g_ptr_array_add (self->gone, peer);
  reap_soon (self);
}

static void
displace (SighejPeer *peer)
{
  sighej_peer_close (peer, SIGHEJ_WIRE_CLOSE_DISPLACED, "another socket took over");
}

/* A session has two sockets at most, for the moment in which a client changes over. */
static void
on_peer_proved (SighejPeer *peer, gpointer user_data)
{
  SighejHub *self = user_data;
  const char *session_id = sighej_peer_get_session_id (peer);
  GPtrArray *peers = g_hash_table_lookup (self->proved, session_id);

  if (peers == NULL)
    {
      peers = g_ptr_array_new ();
      g_hash_table_insert (self->proved, g_strdup (session_id), peers);
    }
  if (peers->len >= PEERS_PER_SESSION_MAX)
    {
      SighejPeer *oldest = g_ptr_array_remove_index (peers, 0);

      displace (oldest);
    }
  g_ptr_array_add (peers, peer);
  if (self->draining)
    sighej_peer_close (peer, SIGHEJ_WS_CLOSE_RESTART, "the server restarts");
}

static void
on_outbox (SighejService *service, const char *session_id, SighejHub *self)
{
  GPtrArray *peers = g_hash_table_lookup (self->proved, session_id);

  if (peers == NULL)
    return;
  /* Only the newest: the older one is being left by its client. */
  sighej_peer_wake (g_ptr_array_index (peers, peers->len - 1));
}

static void
for_each_of_session (SighejHub *self, const char *session_id, void (*call) (SighejPeer *))
{
  GPtrArray *peers = g_hash_table_lookup (self->proved, session_id);
  g_autoptr (GPtrArray) copy = NULL;

  if (peers == NULL)
    return;
  copy = g_ptr_array_copy (peers, NULL, NULL);
  for (guint i = 0; i < copy->len; i++)
    call (copy->pdata[i]);
}

static void
tell_ended (SighejPeer *peer)
{
  sighej_peer_end (peer, "ended", SIGHEJ_WS_CLOSE_NORMAL);
}

static void
on_ended (SighejService *service, const char *session_id, SighejHub *self)
{
  for_each_of_session (self, session_id, tell_ended);
}

/* The client opens another session of the same opening, and reports again what it sees. */
static void
tell_lost (SighejPeer *peer)
{
  sighej_peer_end (peer, "expired", SIGHEJ_WIRE_CLOSE_EXPIRED);
}

static void
on_lost (SighejService *service, const char *session_id, SighejHub *self)
{
  for_each_of_session (self, session_id, tell_lost);
}

static void
on_displaced (SighejService *service, const char *session_id, SighejHub *self)
{
  for_each_of_session (self, session_id, displace);
}

static void
for_each_peer (SighejHub *self, void (*call) (SighejPeer *))
{
  g_autofree gpointer *peers = g_hash_table_get_keys_as_array (self->peers, NULL);

  for (guint i = 0; peers[i] != NULL; i++)
    call (peers[i]);
}

static void
sighej_hub_dispose (GObject *object)
{
  SighejHub *self = SIGHEJ_HUB (object);

  if (self->peers != NULL)
    for_each_peer (self, sighej_peer_abort);
  sighej_peer_write_all (&self->unwritten);
  if (self->reaper != NULL)
    g_source_destroy (self->reaper);
  g_clear_pointer (&self->reaper, g_source_unref);
  g_clear_pointer (&self->gone, g_ptr_array_unref);
  g_clear_pointer (&self->proved, g_hash_table_unref);
  g_clear_pointer (&self->peers, g_hash_table_unref);
  if (self->host.source != NULL)
    g_source_destroy (self->host.source);
  g_clear_pointer (&self->host.source, g_source_unref);
  g_clear_pointer (&self->host.wheel, sighej_wheel_free);
  if (self->host.text != NULL)
    g_string_free (self->host.text, TRUE);
  self->host.text = NULL;
  g_clear_object (&self->host.service);
  g_clear_object (&self->host.meetings);
  g_clear_object (&self->host.clock);
  G_OBJECT_CLASS (sighej_hub_parent_class)->dispose (object);
}

static void
sighej_hub_class_init (SighejHubClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_hub_dispose;

  /**
   * SighejHub::closed:
   * @fd: a descriptor that was taken over and is about to be closed
   *
   * For whoever counts connections.
   */
  signals[SIGNAL_CLOSED] = g_signal_new ("closed",
                                         SIGHEJ_TYPE_HUB,
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         1,
                                         G_TYPE_INT);

  /**
   * SighejHub::drained:
   *
   * After sighej_hub_drain(): no socket is left; again, when another one came and went.
   */
  signals[SIGNAL_DRAINED] = g_signal_new (
      "drained", SIGHEJ_TYPE_HUB, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sighej_hub_init (SighejHub *self)
{
  self->peers = g_hash_table_new (NULL, NULL);
  self->proved
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->gone = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_peer_unref);
}

SighejHub *
sighej_hub_new (SighejService *service, SighejMeetings *meetings, SighejClock *clock)
{
  SighejHub *self = g_object_new (SIGHEJ_TYPE_HUB, NULL);

  self->host = (SighejPeerHost){
    .service = g_object_ref (service),
    .meetings = g_object_ref (meetings),
    .clock = g_object_ref (clock),
    .wheel = sighej_wheel_new (clock, on_timer, self),
    .source = sighej_hub_source_new (on_ready, on_batch_done, self),
    .unwritten = &self->unwritten,
    .pace = &self->pace,
    .text = g_string_sized_new (MESSAGE_BYTES),
    .proved = on_peer_proved,
    .closing = on_peer_closing,
    .gone = on_peer_gone,
    .user_data = self,
  };
  g_signal_connect_object (service, "outbox", G_CALLBACK (on_outbox), self, 0);
  g_signal_connect_object (service, "ended", G_CALLBACK (on_ended), self, 0);
  g_signal_connect_object (service, "lost", G_CALLBACK (on_lost), self, 0);
  g_signal_connect_object (service, "displaced", G_CALLBACK (on_displaced), self, 0);
  return self;
}

void
sighej_hub_adopt (SighejHub *self,
                  int fd,
                  GBytes *early,
                  const char *token,
                  const char *secret,
                  SighejHubFlags flags)
{
  SighejPeer *peer = sighej_peer_new (&self->host, fd, token, flags);

  g_hash_table_add (self->peers, peer);
  set_pace (self);
  sighej_peer_start (peer, early, secret);
}

guint
sighej_hub_get_n_sockets (SighejHub *self)
{
  return g_hash_table_size (self->peers);
}

static void
close_for_restart (SighejPeer *peer)
{
  sighej_peer_close (peer, SIGHEJ_WS_CLOSE_RESTART, "the server restarts");
}

void
sighej_hub_drain (SighejHub *self)
{
  self->draining = TRUE;
  for_each_peer (self, close_for_restart);
  reap_soon (self);
}
