/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-problem-page"

#include "config.h"

#include "sighej-problem-page.h"

#include <string.h>

#include "sighej-error.h"

#define LOCAL "A word of the programs on a person's machine; a backend does not answer it. "
#define SEE_DOCTOR "Run <code>sighejctl doctor</code> on that machine."

/*
 * @title: (nullable): NULL takes that of the table of errors, and its status
 * @meaning, @next: HTML
 */
typedef struct
{
  const char *type;
  guint status;
  const char *title;
  const char *meaning;
  const char *next;
} Page;

static const Page pages[] = {
  /* What a client sent. */
  { "invalid-request",
    0,
    NULL,
    "The request is not HTTP in its strict form, its body is not the JSON the contract asks for, "
    "or a header is malformed. <code>detail</code> names what is wrong.",
    "Compare the request with the contract at <a href=\"/openapi.json\">/openapi.json</a>. "
    "Sending it again unchanged gives the same answer." },
  { "invalid-interest",
    0,
    NULL,
    "One of the <code>interests</code> is empty, longer than 40 characters, holds a control "
    "character, or there are fewer than 1 or more than 20. <code>detail</code> gives its number, "
    "never its text.",
    "Let the person change that interest and send the request again." },
  { "invalid-duration",
    0,
    NULL,
    "A duration is not a number of seconds within its bounds.",
    "Give one within the bounds the contract names." },
  { "unauthorized",
    0,
    NULL,
    "The request carries no <code>Authorization: Bearer</code>, or its secret belongs to no "
    "session that is live: it is wrong, the session is over, or it was deleted. The token on the "
    "air is never enough.",
    "Make a new session with <code>POST /session</code>. Operators: check the file of the "
    "operators' token." },
  { "forbidden",
    0,
    NULL,
    "The request comes from a web page whose <code>Origin</code> this server does not allow, or "
    "through a proxy to a server that serves its own machine only.",
    "Ask the operator to add the page to <code>AllowedOrigins</code>. Programs that are no web "
    "page send no <code>Origin</code>." },
  { "not-found",
    0,
    NULL,
    "This listener has no such path. What is for operators is on their listener only.",
    "Compare the path with <a href=\"/openapi.json\">/openapi.json</a>." },
  { "method-not-allowed",
    0,
    NULL,
    "The path is there, but not with this method.",
    "Use one of the methods in the <code>Allow</code> header." },
  { "conflict",
    0,
    NULL,
    "The <code>ble_token</code> belongs to another session, or did within the last 24 hours.",
    "Draw another token, or another <code>token_seed</code>, and try again." },
  { "length-required",
    0,
    NULL,
    "A POST came without <code>Content-Length</code>, or a request with "
    "<code>Transfer-Encoding</code>, which is not taken here.",
    "Send the body whole, with its length in <code>Content-Length</code>." },
  { "too-large",
    0,
    NULL,
    "The body is larger than this server takes; 16 KiB unless the operator set another limit.",
    "Send a smaller one. The connection is closed." },
  { "unsupported-media-type",
    0,
    NULL,
    "The body of a POST is not declared as <code>application/json</code>.",
    "Send <code>Content-Type: application/json</code>." },
  { "idempotency-key-reused",
    0,
    NULL,
    "The <code>Idempotency-Key</code> came within the last hour with another body.",
    "Draw a new UUID for each new request; use one again only to repeat the very same request." },
  { "rate-limited",
    0,
    NULL,
    "This session, or this address, asked more often than it may. The cost of a request never "
    "depends on its outcome.",
    "Wait as many seconds as <code>Retry-After</code> says; <code>RateLimit</code> tells how much "
    "is left." },
  /* What a head can be refused for, before there is a request. */
  { "timeout",
    408,
    "The request took too long to arrive",
    "The head or the body of the request was not there in time.",
    "Try again on a new connection." },
  { "url-too-long",
    414,
    "The URL is too long",
    "The request's target is longer than this server takes; 2 KiB unless the operator set another "
    "limit.",
    "No path of the contract is that long: look for what was added to it." },
  { "headers-too-large",
    431,
    "The request's headers are too large",
    "The head is larger than this server takes, or has more lines; 16 KiB and 64 lines unless the "
    "operator set other limits.",
    "Send fewer or shorter headers." },
  { "http-version",
    505,
    "Only HTTP/1.0 and HTTP/1.1 are served here",
    "The request's first line names another version of HTTP.",
    "Use HTTP/1.1; HTTP/2 is a matter of the proxy in front." },
  /* What is not the client's fault. */
  { "unavailable",
    0,
    NULL,
    "The server is full or stopping, its store is away, or the first of two equal requests is "
    "still running. Nothing was done.",
    "Try again after the seconds in <code>Retry-After</code>, with the same "
    "<code>Idempotency-Key</code> if there was one." },
  { "internal",
    0,
    NULL,
    "Something went wrong on this server that should not have.",
    "Tell the operator the <code>trace_id</code>; the server's log has the details under it." },
  /* What never crosses HTTP; see org.sighej.Error on D-Bus. */
  { "bluetooth-missing", 0, NULL, LOCAL "There is no Bluetooth adapter.", SEE_DOCTOR },
  { "bluetooth-off", 0, NULL, LOCAL "Bluetooth is turned off.", SEE_DOCTOR },
  { "bluetooth-blocked", 0, NULL, LOCAL "Something holds Bluetooth back.", SEE_DOCTOR },
  { "bluetooth-unsupported", 0, NULL, LOCAL "The adapter cannot advertise.", SEE_DOCTOR },
  { "bluetooth-denied", 0, NULL, LOCAL "The system denies the use of Bluetooth.", SEE_DOCTOR },
  { "not-permitted", 0, NULL, LOCAL "A policy, a lock or a setting forbids it.", SEE_DOCTOR },
  { "inhibited", 0, NULL, LOCAL "Another program asks for silence.", SEE_DOCTOR },
  { "offline", 0, NULL, LOCAL "The backend cannot be reached.", SEE_DOCTOR },
  { "refused", 0, NULL, LOCAL "The backend said no.", SEE_DOCTOR },
  { "expired", 0, NULL, LOCAL "The time for it is over.", "Open again." },
  { "gone", 0, NULL, LOCAL "It was there and is no more.", "Look at what is there now." },
  { "not-open", 0, NULL, LOCAL "Nobody is open on that machine.", "Open first." },
  { "text-rejected",
    0,
    NULL,
    LOCAL "A text is empty, too long or not printable.",
    "Write another." },
  { "not-supported", 0, NULL, LOCAL "This version cannot do it.", "Update SigHej." },
  { "configuration",
    0,
    NULL,
    "A program's settings are not acceptable. A backend with such settings does not start.",
    "Run <code>sighej-backend --check-config</code>: it names the key and what is allowed." },
};

static const Page *
find_page (const char *type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    if (strcmp (pages[i].type, type) == 0)
      return &pages[i];
  return NULL;
}

static const SighejErrorInfo *
find_info (const char *type)
{
  for (int code = 0; code < SIGHEJ_N_ERRORS; code++)
    if (strcmp (sighej_error_get_info ((SighejError) code)->problem, type) == 0)
      return sighej_error_get_info ((SighejError) code);
  return NULL;
}

GBytes *
sighej_problem_page_new (const char *type)
{
  const Page *page = find_page (type);
  const SighejErrorInfo *info = find_info (type);
  g_autofree char *title = NULL;
  char *html;

  if (page == NULL || (info == NULL && page->title == NULL))
    return NULL;

  title = g_markup_escape_text (page->title != NULL ? page->title : info->title, -1);
  html = g_strdup_printf ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                          "<meta name=\"viewport\" content=\"width=device-width, "
                          "initial-scale=1\">\n<title>SigHej: %s</title>\n</head>\n<body>\n"
                          "<h1>%s</h1>\n<p><code>/problems/%s</code>, HTTP status %u</p>\n"
                          "<h2>What it means</h2>\n<p>%s</p>\n"
                          "<h2>What to do next</h2>\n<p>%s</p>\n</body>\n</html>\n",
                          title,
                          title,
                          type,
                          page->title != NULL ? page->status : info->http_status,
                          page->meaning,
                          page->next);
  return g_bytes_new_take (html, strlen (html));
}

const char *
sighej_problem_page_get_type_name (guint i)
{
  return i < G_N_ELEMENTS (pages) ? pages[i].type : NULL;
}
