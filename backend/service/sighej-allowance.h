/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-throttle.h"

G_BEGIN_DECLS

/**
 * SighejAllowanceRules:
 *
 * SECURITY-DESIGN 3; all are settings.
 */
typedef struct
{
  guint sightings_per_minute;     /* 120 a session */
  guint sightings_burst;          /* 60 */
  guint distinct_tokens_per_hour; /* 2,000 a session */
  guint messages_per_second;  /* 10 a session on its sockets, 10 s of them at once; 0: no limit */
  guint sessions_per_address; /* 600 in 10 minutes; 0: no limit */
} SighejAllowanceRules;

/**
 * SighejAllowance:
 *
 * How often a session may report and talk, and an address may open sessions. It counts whatever
 * comes of it, and before anything is looked up, so that a limit says nothing about the outcome.
 *
 * While somebody owes something a timer of the clock forgets those who no longer do, once a minute;
 * else it sleeps.
 */
typedef struct _SighejAllowance SighejAllowance;

SighejAllowance *sighej_allowance_new (SighejClock *clock, const SighejAllowanceRules *rules);
void sighej_allowance_free (SighejAllowance *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejAllowance, sighej_allowance_free)

/* For what is asked from now on; what was charged stays charged. */
void sighej_allowance_set_rules (SighejAllowance *self, const SighejAllowanceRules *rules);

/* Each charges one. @place: (nullable): of this session. Errors: RATE_LIMITED. */
gboolean sighej_allowance_take_sighting (SighejAllowance *self,
                                         SighejThrottlePlace *place,
                                         const char *session_id,
                                         const char *token,
                                         GError **error);
gboolean sighej_allowance_take_message (SighejAllowance *self,
                                        SighejThrottlePlace *place,
                                        const char *session_id,
                                        GError **error);
/* @address: (nullable): unknown, and then without limit */
gboolean sighej_allowance_take_session (SighejAllowance *self, const char *address, GError **error);

/* @error: (nullable): what taking, or the store behind it, answered; RATE_LIMITED leaves nothing */
void sighej_allowance_get_sighting_quota (SighejAllowance *self,
                                          const char *session_id,
                                          const GError *error,
                                          SighejQuota *quota);
/* Returns: FALSE when there is no limit */
gboolean sighej_allowance_get_session_quota (SighejAllowance *self,
                                             const char *address,
                                             const GError *error,
                                             SighejQuota *quota);

/* The session is over; nobody can use its name again. */
void sighej_allowance_forget (SighejAllowance *self, const char *session_id);

G_END_DECLS
