/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-peer"

#include "config.h"

#include "sighej-peer-sightings.h"

typedef struct
{
  SighejPeerSightings *of;
  SighejPeer *peer;
  guint64 id;
} Sighting;

static void
on_sighted (const SighejServiceSight *sight, const GError *error, gpointer user_data)
{
  g_autofree Sighting *sighting = user_data;
  SighejWireServerMessage message = { .type = SIGHEJ_WIRE_SIGHTING_RESULT, .seq = sighting->id };

  sighting->of->n_pending--;
  if (error == NULL)
    {
      message.match = sight->match;
      message.nudge_sent = sight->nudge_sent;
      message.shared_interests = (GStrv) sight->shared_interests;
      sighej_peer_send (sighting->peer, &message);
    }
  else if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAUTHORIZED))
    sighej_peer_end (sighting->peer, "expired", SIGHEJ_WIRE_CLOSE_EXPIRED);
  else
    sighej_peer_send_failure (sighting->peer, error);
  sighej_peer_unref (sighting->peer);
}

void
sighej_peer_sightings_take (SighejPeerSightings *self,
                            SighejPeer *peer,
                            SighejService *service,
                            SighejServicePlaces *places,
                            const SighejWireClientMessage *message)
{
  Sighting *sighting;

  if (self->n_pending >= SIGHEJ_PEER_SIGHTINGS_MAX)
    {
      sighej_peer_send_error (peer, "unavailable", "too many sightings wait for their answer");
      return;
    }
  self->n_pending++;
  sighting = g_new (Sighting, 1);
  *sighting = (Sighting){ self, sighej_peer_ref (peer), message->number };
  sighej_service_sight_from (service,
                             places,
                             sighej_peer_get_session_id (peer),
                             NULL,
                             message->detected_token,
                             on_sighted,
                             sighting);
}
