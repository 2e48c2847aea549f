/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-hub.h"
#include "sighej-test-clock.h"
#include "slow-store.h"
#include "ws-client.h"

G_BEGIN_DECLS

#define SECOND_US ((gint64) G_USEC_PER_SEC)

/* A hub over the real service and the memory store, on a clock that is turned. */
typedef struct
{
  SighejTestClock *clock;
  SlowStore *store;
  SighejService *service;
  SighejHub *hub;
  guint n_opened;
} HubFixture;

/* An open session. */
typedef struct
{
  char token[16];
  char id[SIGHEJ_UUID_CHARS + 1];
  char secret[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
} Person;

/* With the default limit on messages a second; without, there is none. */
#define HUB_FIXTURE_LIMITED (1 << 8)

/* @data: a SighejAuthMode, and HUB_FIXTURE_LIMITED or not, in GINT_TO_POINTER(). */
void hub_fixture_set_up (HubFixture *self, gconstpointer data);
/* Proves that everything died. */
void hub_fixture_tear_down (HubFixture *self, gconstpointer data);

#define hub_test_add(path, auth_mode, function)                                                    \
  g_test_add (path,                                                                                \
              HubFixture,                                                                          \
              GINT_TO_POINTER (auth_mode),                                                         \
              hub_fixture_set_up,                                                                  \
              function,                                                                            \
              hub_fixture_tear_down)

/* All share the interest "devops". */
void hub_fixture_open (HubFixture *self, Person *person);

/* Opens a socket to /ws/@token; @secret (nullable) in the handshake. */
WsClient *
hub_fixture_connect (HubFixture *self, const char *token, const char *secret, SighejHubFlags flags);
/* The same with as small a buffer as the kernel allows: a client that does not read is felt soon.
 */
WsClient *hub_fixture_connect_narrow (HubFixture *self, const Person *person, SighejHubFlags flags);
/* As the daemon does: proved, snapshot read. */
WsClient *hub_fixture_connect_person (HubFixture *self, const Person *person);

/* Somebody new meets @person: both are nudged. */
void hub_fixture_nudge (HubFixture *self, const Person *person);

/* Nudges the store still holds for @person. */
guint hub_fixture_count_outbox (HubFixture *self, const Person *person);

void hub_fixture_advance (HubFixture *self, gint64 us);

G_END_DECLS
