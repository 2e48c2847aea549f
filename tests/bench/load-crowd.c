/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load-crowd.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_CHARS 20
#define NUDGE_ID_CHARS 32
#define REQUEST_BYTES 1024
#define LATE_NS 5000000000u
#define LEAD_NS 100000000u /* the first report goes that long before the second is due */
#define TURN_NS 20000000u
#define HANDSHAKES 64 /* under way at one time */
#define COMPLAINTS_MAX 5

typedef struct Meeting Meeting;

typedef struct
{
  char token[TOKEN_CHARS + 1];
  char *secret;  /* (nullable) */
  bool is_other; /* shares nothing with the first half */
  LoadLine socket;
  bool has_socket; /* was opened */
  bool is_live;    /* and is open now */
  Meeting *meeting;
  unsigned long long seq;
  char nudge_id[NUDGE_ID_CHARS + 1]; /* the last one */
} Person;

typedef enum
{
  FREE,
  FIRST,
  READY,
  SECOND,
} MeetingState;

struct Meeting
{
  MeetingState state;
  Person *first; /* who reports first; NULL in a report of somebody without a socket */
  Person *second;
  bool is_match;
  bool is_answered;
  bool is_told[2]; /* the sender of the second report, the other one */
  char nudge_id[NUDGE_ID_CHARS + 1];
  unsigned id; /* of the sighting under way */
  uint64_t due_ns;
  uint64_t sent_ns;
};

typedef struct
{
  LoadLine line;
  Person *person;   /* POST /session */
  Meeting *meeting; /* POST /match */
} Post;

LoadTally load_tally;

static LoadCrowdRule rule;
static Person *people;
static int n_people;
static int n_open; /* sockets */
static int n_opening;
static Meeting *meetings;
static Post *posts;
static Post **free_posts;
static int n_free_posts;
static int n_complaints;
static bool is_scheduled; /* meetings are due at moments of their own */
static unsigned next_id;
static unsigned long next_pair;

static void
complain (const char *what, const char *text)
{
  if (n_complaints++ < COMPLAINTS_MAX)
    fprintf (stderr, "sighej-load: %s: %.300s\n", what, text);
}

void
load_tally_clear (void)
{
  LoadTally cleared
      = { .answer = load_tally.answer, .own = load_tally.own, .peer = load_tally.peer };

  load_tally = cleared;
  load_sample_clear (&load_tally.answer);
  load_sample_clear (&load_tally.own);
  load_sample_clear (&load_tally.peer);
}

unsigned long
load_tally_n_bad (void)
{
  return load_tally.lost + load_tally.doubled + load_tally.wrong + load_tally.errors;
}

/* ---- reading answers: flat objects of a server that speaks the contract ---- */

static const char *
find_member (const char *text, const char *name)
{
  char quoted[64];
  const char *at;

  snprintf (quoted, sizeof quoted, "\"%s\"", name);
  at = strstr (text, quoted);
  if (at == NULL)
    return NULL;
  at += strlen (quoted);
  return at + strspn (at, " :");
}

static bool
member_is (const char *text, const char *name, const char *value)
{
  const char *at = find_member (text, name);

  return at != NULL && strncmp (at, value, strlen (value)) == 0;
}

static unsigned long long
get_number (const char *text, const char *name)
{
  const char *at = find_member (text, name);

  return at == NULL ? 0 : strtoull (at, NULL, 10);
}

/* Into @out, which is "" afterwards when there is no such text. */
static void
get_text (const char *text, const char *name, char *out, size_t n_out)
{
  const char *at = find_member (text, name);
  size_t length = at == NULL || *at != '"' ? 0 : strcspn (at + 1, "\"");

  if (length >= n_out)
    length = 0;
  if (length > 0)
    memcpy (out, at + 1, length);
  out[length] = '\0';
}

static bool
names_all_interests (const char *text)
{
  const char *list = find_member (text, "shared_interests");

  return list != NULL && strstr (list, "\"devops\"") != NULL
         && strstr (list, "\"hardstyle\"") != NULL && strstr (list, "\"philosophy\"") != NULL;
}

static bool
is_right_answer (const char *text, bool is_match)
{
  if (!is_match)
    return member_is (text, "match", "false") && member_is (text, "nudge_sent", "false");
  return member_is (text, "match", "true") && member_is (text, "nudge_sent", "true")
         && names_all_interests (text);
}

/* ---- meetings ---- */

static void
post_match (const Person *from, const char *detected, Meeting *meeting)
{
  char body[256], request[REQUEST_BYTES];
  Post *post = free_posts[--n_free_posts];
  int n_body = snprintf (
      body, sizeof body, "{\"own_token\":\"%s\",\"detected_token\":\"%s\"}", from->token, detected);
  int n_request = snprintf (request,
                            sizeof request,
                            "POST /match HTTP/1.1\r\nHost: %s:%d\r\n"
                            "Content-Type: application/json\r\nContent-Length: %d\r\n%s%s%s\r\n%s",
                            rule.host,
                            rule.port,
                            n_body,
                            from->secret != NULL ? "Authorization: Bearer " : "",
                            from->secret != NULL ? from->secret : "",
                            from->secret != NULL ? "\r\n" : "",
                            body);

  post->meeting = meeting;
  load_line_send (&post->line, request, (size_t) n_request);
}

static void
report (Person *from, const Person *of, Meeting *meeting)
{
  char text[128];

  meeting->sent_ns = load_now_ns ();
  meeting->is_answered = false;
  meeting->id = ++next_id;
  if (rule.over_http)
    {
      post_match (from, of->token, meeting);
      return;
    }
  snprintf (text,
            sizeof text,
            "{\"type\":\"sighting\",\"id\":%u,\"detected_token\":\"%s\"}",
            meeting->id,
            of->token);
  load_line_say (&from->socket, text);
}

static void
finish (Meeting *meeting)
{
  if (meeting->first != NULL)
    meeting->first->meeting = NULL;
  meeting->second->meeting = NULL;
  meeting->state = FREE;
}

static void
finish_if_done (Meeting *meeting)
{
  if (meeting->state != SECOND || !meeting->is_answered
      || (meeting->is_match && !(meeting->is_told[0] && meeting->is_told[1])))
    return;
  load_tally.meetings++;
  finish (meeting);
}

static void
send_second (Meeting *meeting)
{
  meeting->state = SECOND;
  if (!is_scheduled)
    meeting->due_ns = load_now_ns ();
  report (meeting->second, meeting->first, meeting);
}

static void
on_reported (Meeting *meeting, const char *text)
{
  bool is_match = meeting->state == SECOND && meeting->is_match;

  load_sample_add (&load_tally.answer, load_now_ns () - meeting->sent_ns);
  load_tally.reports++;
  meeting->is_answered = true;
  if (!is_right_answer (text, is_match))
    {
      load_tally.wrong++;
      complain (is_match ? "not the match it should be" : "a match it should not be", text);
    }
  if (meeting->state == FIRST)
    {
      meeting->state = READY;
      if (meeting->due_ns <= load_now_ns ())
        send_second (meeting);
    }
  finish_if_done (meeting);
}

static void
begin (Meeting *meeting, Person *first, Person *second, uint64_t due_ns)
{
  *meeting = (Meeting){ .state = FIRST, .first = first, .second = second, .due_ns = due_ns };
  meeting->is_match = first->is_other == second->is_other;
  first->meeting = second->meeting = meeting;
  if (rule.is_mutual)
    report (first, second, meeting);
  else if (due_ns <= load_now_ns ())
    send_second (meeting);
  else
    meeting->state = READY;
}

/* Somebody reports somebody who never reports back. */
static void
begin_glimpse (Meeting *meeting, Person *from, const Person *of)
{
  *meeting = (Meeting){ .state = SECOND, .second = from, .due_ns = load_now_ns () };
  from->meeting = meeting;
  report (from, of, meeting);
}

static void
lose_late (Meeting *meeting, uint64_t now_ns)
{
  unsigned long n_missing;

  if (meeting->state == FREE || now_ns < meeting->due_ns + LATE_NS)
    return;
  n_missing = (meeting->is_answered ? 0 : 1) + (meeting->state == SECOND ? 0 : 1);
  if (meeting->is_match)
    n_missing += (meeting->is_told[0] ? 0 : 1) + (meeting->is_told[1] ? 0 : 1);
  load_tally.lost += n_missing;
  complain ("lost in the meeting of", meeting->second->token);
  finish (meeting);
}

/* ---- nudges ---- */

static bool
came_before (const Person *person, const char *nudge_id, unsigned long long seq)
{
  return nudge_id[0] != '\0' && (seq <= person->seq || strcmp (nudge_id, person->nudge_id) == 0);
}

static bool
belongs (Meeting *meeting, int side, const char *nudge_id, const char *text)
{
  if (meeting == NULL || meeting->state != SECOND || !meeting->is_match || meeting->is_told[side]
      || !names_all_interests (text))
    return false;
  if (meeting->nudge_id[0] == '\0')
    strcpy (meeting->nudge_id, nudge_id);
  return strcmp (meeting->nudge_id, nudge_id) == 0;
}

static void
on_nudge (Person *person, const char *text)
{
  Meeting *meeting = person->meeting;
  uint64_t now_ns = load_now_ns ();
  int side = meeting != NULL && meeting->second == person ? 0 : 1;
  unsigned long long seq = get_number (text, "seq");
  char nudge_id[NUDGE_ID_CHARS + 1], ack[64];

  get_text (text, "id", nudge_id, sizeof nudge_id);
  if (came_before (person, nudge_id, seq))
    {
      load_tally.doubled++;
      complain ("a nudge came twice", text);
    }
  else if (!belongs (meeting, side, nudge_id, text))
    {
      load_tally.wrong++;
      complain ("a nudge for nobody", text);
    }
  else
    {
      load_tally.nudges++;
      load_sample_add (side == 0 ? &load_tally.own : &load_tally.peer, now_ns - meeting->due_ns);
      meeting->is_told[side] = true;
      finish_if_done (meeting);
    }
  person->seq = seq;
  strcpy (person->nudge_id, nudge_id);
  if (!rule.has_acks || seq == 0)
    return;
  snprintf (ack, sizeof ack, "{\"type\":\"ack\",\"seq\":%llu}", seq);
  load_line_say (&person->socket, ack);
}

/* ---- WebSockets ---- */

static void
become_live (Person *person)
{
  if (person->is_live)
    return;
  person->is_live = true;
  n_opening--;
  n_open++;
}

/* Who speaks sighej.v1 says with a snapshot that it knows us; others only shake hands. */
static void
on_socket_opened (LoadLine *line)
{
  if (!line->has_protocol)
    become_live (line->owner);
}

static void
on_socket_said (LoadLine *line, const char *text, size_t n_text)
{
  Person *person = line->owner;

  if (member_is (text, "type", "\"nudge\""))
    on_nudge (person, text);
  else if (member_is (text, "type", "\"sighting_result\""))
    {
      if (person->meeting != NULL && !person->meeting->is_answered
          && get_number (text, "id") == person->meeting->id)
        on_reported (person->meeting, text);
      else
        load_tally.wrong++;
    }
  else if (member_is (text, "type", "\"snapshot\""))
    become_live (person);
  else
    {
      load_tally.errors++;
      complain ("unexpected", text);
    }
}

static void
on_socket_lost (LoadLine *line, const char *why)
{
  Person *person = line->owner;

  if (person->is_live)
    n_open--;
  else
    n_opening--;
  person->is_live = false;
  load_tally.errors++;
  complain ("a WebSocket is lost", why);
}

static void
open_socket (Person *person)
{
  static const LoadLineCalls calls
      = { .opened = on_socket_opened, .said = on_socket_said, .lost = on_socket_lost };
  char request[REQUEST_BYTES];

  snprintf (
      request,
      sizeof request,
      "GET /ws/%s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: c2lnaGVqIHNpZ2hlaiBzaQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s%s\r\n",
      person->token,
      rule.host,
      rule.port,
      rule.has_acks ? "Sec-WebSocket-Protocol: sighej.v1\r\n" : "",
      person->secret != NULL ? "Authorization: Bearer " : "",
      person->secret != NULL ? person->secret : "",
      person->secret != NULL ? "\r\n" : "");
  n_opening++;
  load_line_open (&person->socket, &calls, person, request);
}

void
load_crowd_open_sockets (int n)
{
  uint64_t late_ns = load_now_ns () + 60 * (uint64_t) LATE_NS;
  int next = 0;

  while (next < n || n_opening > 0)
    {
      for (; next < n && n_opening < HANDSHAKES; next++)
        if (!people[next].has_socket)
          {
            open_socket (&people[next]);
            people[next].has_socket = true;
          }
      load_line_turn (TURN_NS);
      if (load_now_ns () > late_ns)
        load_die ("only %d of %d WebSockets are open", n_open, n);
    }
}

int
load_crowd_n_sockets (void)
{
  return n_open;
}

/* ---- POST ---- */

static void
on_session (Person *person, const char *body)
{
  char secret[256];

  load_tally.sessions++;
  get_text (body, rule.auth_field, secret, sizeof secret);
  if (secret[0] != '\0')
    person->secret = strdup (secret);
  if (find_member (body, "session_id") == NULL || find_member (body, "expires_at") == NULL)
    {
      load_tally.wrong++;
      complain ("no session", body);
    }
}

static void
on_post_answered (LoadLine *line, int status, const char *body)
{
  Post *post = line->owner;
  Person *person = post->person;
  Meeting *meeting = post->meeting;

  post->person = NULL;
  post->meeting = NULL;
  free_posts[n_free_posts++] = post;
  if (status != 200 && status != 201)
    {
      load_tally.errors++;
      complain ("refused", body);
    }
  else if (person != NULL)
    on_session (person, body);
  else if (meeting != NULL)
    on_reported (meeting, body);
}

static void
on_post_opened (LoadLine *line)
{
  free_posts[n_free_posts++] = line->owner;
}

static const LoadLineCalls post_calls;

/* A server may close what has been idle for long; a request that was under way is an error. */
static void
on_post_lost (LoadLine *line, const char *why)
{
  Post *post = line->owner;

  if (post->person == NULL && post->meeting == NULL)
    {
      for (int i = 0; i < n_free_posts; i++)
        if (free_posts[i] == post)
          free_posts[i] = free_posts[--n_free_posts];
    }
  else
    {
      load_tally.errors++;
      complain ("a request is lost", why);
    }
  post->person = NULL;
  post->meeting = NULL;
  load_line_open (line, &post_calls, post, NULL);
}

static const LoadLineCalls post_calls
    = { .opened = on_post_opened, .answered = on_post_answered, .lost = on_post_lost };

void
load_crowd_setup (const LoadCrowdRule *wanted)
{
  rule = *wanted;
  load_line_setup (rule.host, rule.port);
  people = load_alloc_zeroed ((size_t) rule.n_people_max, sizeof people[0]);
  meetings = load_alloc_zeroed ((size_t) rule.n_slots, sizeof meetings[0]);
  posts = load_alloc_zeroed ((size_t) rule.n_lines, sizeof posts[0]);
  free_posts = load_alloc_zeroed ((size_t) rule.n_lines, sizeof free_posts[0]);
  for (int i = 0; i < rule.n_lines; i++)
    load_line_open (&posts[i].line, &post_calls, &posts[i], NULL);
}

/* ---- sessions ---- */

/* splitmix64: tokens that no two runs share. */
static uint64_t
draw (void)
{
  uint64_t value = rule.seed += 0x9e3779b97f4a7c15u;

  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

static void
open_session (Person *person)
{
  char body[256], request[REQUEST_BYTES];
  Post *post = free_posts[--n_free_posts];
  int n_body = snprintf (body,
                         sizeof body,
                         "{\"ble_token\":\"%s\",\"interests\":%s}",
                         person->token,
                         person->is_other ? "[\"cooking\",\"cycling\",\"chess\"]"
                                          : "[\"devops\",\"hardstyle\",\"philosophy\"]");
  int n_request = snprintf (request,
                            sizeof request,
                            "POST /session HTTP/1.1\r\nHost: %s:%d\r\n"
                            "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                            rule.host,
                            rule.port,
                            n_body,
                            body);

  post->person = person;
  load_line_send (&post->line, request, (size_t) n_request);
}

/* So that pairs drawn as in next_two() meet as often as the rule says. */
static double
share_of_matches (void)
{
  double share = rule.is_mutual ? 2 * rule.share : rule.share;

  return share > 1 ? 1 : share;
}

void
load_crowd_open_sessions (int n)
{
  bool is_mixed = share_of_matches () < 1;
  int next = n_people;

  n_people = n;
  for (; next < n; load_line_turn (TURN_NS))
    for (; next < n && n_free_posts > 0; next++)
      {
        snprintf (people[next].token,
                  sizeof people[next].token,
                  "%016llx%04x",
                  (unsigned long long) draw (),
                  (unsigned) next & 0xffff);
        people[next].is_other = is_mixed && next % 2 == 1;
        open_session (&people[next]);
      }
  while (n_free_posts < rule.n_lines)
    load_line_turn (TURN_NS);
}

/* ---- the course of a run ---- */

/*
 * Every unordered pair of like people once: neighbours at growing distance, so that those who
 * meet at the same time are different people. With unlike people (odd numbers) in the crowd, like
 * ones have even numbers.
 */
static void
next_two (int n, Person **first, Person **second)
{
  double share = share_of_matches ();
  unsigned long pair = next_pair++;
  unsigned long step = share < 1 ? 2 : 1;
  unsigned long n_like = (unsigned long) n / step;
  unsigned long apart = n_like / 4 < 2 * (unsigned long) rule.n_slots
                            ? n_like / 4
                            : 2 * (unsigned long) rule.n_slots;
  unsigned long distance = apart + pair / n_like;
  unsigned long from = pair % n_like;
  unsigned long to = (from + distance) % n_like;
  bool is_like = (double) (pair * 2654435761u % 4294967296u) < share * 4294967296.0;

  if (rule.is_mutual && 2 * distance >= n_like)
    load_die ("everybody has met everybody: take more --sessions or less --seconds");
  *first = &people[step * from];
  *second = &people[step * to + (is_like ? 0 : 1)];
}

static Meeting *
find_free (void)
{
  for (int i = 0; i < rule.n_slots; i++)
    if (meetings[i].state == FREE)
      return &meetings[i];
  return NULL;
}

static int
count_meetings (void)
{
  int n = 0;

  for (int i = 0; i < rule.n_slots; i++)
    n += meetings[i].state != FREE;
  return n;
}

/* What is due, late, or ready. Returns: when something is due next */
static uint64_t
look_after_meetings (void)
{
  uint64_t now_ns = load_now_ns ();
  uint64_t next_ns = now_ns + TURN_NS;

  for (int i = 0; i < rule.n_slots; i++)
    {
      Meeting *meeting = &meetings[i];

      if (meeting->state == READY && meeting->due_ns <= now_ns
          && (!rule.over_http || n_free_posts > 0))
        send_second (meeting);
      else if (meeting->state == READY && meeting->due_ns < next_ns)
        next_ns = meeting->due_ns;
      lose_late (meeting, now_ns);
    }
  return next_ns;
}

static bool
begin_next (int n, uint64_t due_ns)
{
  static Person *first, *second;
  Meeting *meeting = find_free ();

  if (meeting == NULL || (rule.over_http && n_free_posts == 0))
    return false;
  if (first == NULL)
    next_two (n, &first, &second);
  if (first->meeting != NULL || second->meeting != NULL)
    return false;
  begin (meeting, first, second, due_ns);
  first = NULL;
  return true;
}

static void
begin_glimpses (int n, int others)
{
  for (int i = 0; i < others; i++)
    {
      Person *from = &people[draw () % (uint64_t) n];
      const Person *of = &people[draw () % (uint64_t) n_people];
      Meeting *meeting = find_free ();

      if (meeting != NULL && from->meeting == NULL && of->meeting == NULL && of != from
          && !of->has_socket)
        begin_glimpse (meeting, from, of);
    }
}

static void
end_meetings (void)
{
  while (count_meetings () > 0)
    {
      load_line_turn (TURN_NS / 10);
      look_after_meetings ();
    }
}

void
load_crowd_meet (int n, double seconds, double rate, int others)
{
  uint64_t start_ns = load_now_ns () + LEAD_NS;
  uint64_t end_ns = start_ns + (uint64_t) (seconds * 1e9);
  unsigned long n_begun = 0;

  is_scheduled = rate > 0;
  for (;;)
    {
      uint64_t now_ns = load_now_ns ();
      uint64_t next_ns = look_after_meetings ();
      uint64_t due_ns = rate > 0 ? start_ns + (uint64_t) ((double) n_begun * 1e9 / rate) : now_ns;

      if (due_ns >= end_ns)
        break;
      while (due_ns < now_ns + LEAD_NS && due_ns < end_ns && begin_next (n, due_ns))
        {
          n_begun++;
          if (rate > 0)
            due_ns = start_ns + (uint64_t) ((double) n_begun * 1e9 / rate);
          begin_glimpses (n, others);
        }
      now_ns = load_now_ns ();
      load_line_turn (next_ns > now_ns ? next_ns - now_ns : 0);
    }
  end_meetings ();
}

void
load_crowd_rest (double seconds)
{
  uint64_t end_ns = load_now_ns () + (uint64_t) (seconds * 1e9);

  while (load_now_ns () < end_ns)
    load_line_turn (TURN_NS);
}
