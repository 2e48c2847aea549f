/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "load-figures.h"
#include "load-line.h"

/*
 * The people of sighej-load. Each has a session and, when asked, an open WebSocket. They come
 * together in meetings, the only thing that is measured and checked:
 *
 *   FREE    -> FIRST   one reports the other; the answer must be "no match" (mutual contract only)
 *   FIRST   -> READY   answered; waits for the moment the second report is due
 *   READY   -> SECOND  the other reports back: the answer must be "match" when they share an
 *                      interest, and both sockets must get one nudge with the same three words
 *   SECOND  -> FREE    all there, and the times are noted
 *
 * With a one-sided contract the second report is the only one. Nobody is in two meetings at once,
 * so that each answer and each nudge has exactly one meeting it may belong to: another one is
 * counted as wrong, the same one again as doubled, and what is missing after 5 s as lost.
 */

typedef struct
{
  const char *host;
  int port;
  const char *auth_field; /* of the answer of POST /session; people have no secret without it */
  bool is_mutual;
  bool over_http; /* report by POST /match instead of over the socket */
  bool has_acks;  /* speak sighej.v1 and acknowledge */
  double share;   /* of the reports that are to end in a nudge */
  int n_lines;    /* HTTP connections */
  int n_slots;    /* meetings at one time */
  int n_people_max;
  uint64_t seed;
} LoadCrowdRule;

typedef struct
{
  unsigned long sessions;
  unsigned long reports; /* answered */
  unsigned long meetings;
  unsigned long nudges;
  unsigned long lost;    /* answers and nudges that never came */
  unsigned long doubled; /* nudges that came again */
  unsigned long wrong;   /* answers that should be others, nudges nobody was owed */
  unsigned long errors;  /* refusals, broken connections, closed sockets */
  LoadSample answer;     /* from a report sent until it is answered */
  LoadSample own;        /* from the second report due until its sender has the nudge */
  LoadSample peer;       /* … until the other one has it */
} LoadTally;

extern LoadTally load_tally;

void load_crowd_setup (const LoadCrowdRule *rule);
/* Until there are so many sessions, or sockets (of the first people). */
void load_crowd_open_sessions (int n);
void load_crowd_open_sockets (int n);
int load_crowd_n_sockets (void);

/* Meetings among the first @n people for @seconds. @rate: meetings a second, each due at its own
 * moment whatever became of those before; 0: the next one as soon as a slot is free. @others: (of
 * all sessions) that many per meeting are reported besides by those who have sockets. */
void load_crowd_meet (int n, double seconds, double rate, int others);

/* Only waits: what comes unasked is answered or counted. */
void load_crowd_rest (double seconds);
void load_tally_clear (void);
unsigned long load_tally_n_bad (void);
