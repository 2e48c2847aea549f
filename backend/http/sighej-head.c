/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-head"

#include "config.h"

#include "sighej-head.h"

#include <string.h>

#define LENGTH_DIGITS_MAX 6
#define PORT_DIGITS_MAX 5

typedef struct
{
  const char *at;
  gsize n;
} Span;

typedef struct
{
  const SighejHeadLimits *limits;
  SighejProblem *problem;
  gboolean is_http_1_0;
  gboolean is_post;
  guint n_lines;
  guint n_hosts;
  guint n_lengths;
  guint n_encodings;
  gsize body_bytes;
} Head;

const SighejProblem sighej_head_malformed = { 400,
                                              "invalid-request",
                                              "The request is not as the contract says",
                                              "the request's head is malformed" };
const SighejProblem sighej_head_too_long
    = { 431, "headers-too-large", "The request's headers are too large", NULL };

static gboolean
refuse_malformed (Head *head, const char *detail)
{
  *head->problem = sighej_head_malformed;
  head->problem->detail = detail;
  return FALSE;
}

static gboolean
refuse (Head *head, SighejError code, const char *detail)
{
  const SighejErrorInfo *info = sighej_error_get_info (code);

  *head->problem = (SighejProblem){ info->http_status, info->problem, info->title, detail };
  return FALSE;
}

gboolean
sighej_head_find_end (const char *data, gsize n_bytes, gsize *searched, gsize *end)
{
  *end = 0;
  for (gsize i = *searched; i < n_bytes; i++)
    {
      if (data[i] != '\n')
        continue;
      if (i == 0 || data[i - 1] != '\r')
        return FALSE;
      if (i == 1 || (i >= 3 && data[i - 2] == '\n'))
        {
          *searched = *end = i + 1;
          return TRUE;
        }
    }
  *searched = n_bytes;
  return TRUE;
}

/* Takes the next line without its CR LF. The head ends in an empty line, so there is one. */
static Span
take_line (Span *rest)
{
  const char *end = memchr (rest->at, '\n', rest->n);
  Span line = { rest->at, (gsize) (end - rest->at) - 1 };

  rest->n -= line.n + 2;
  rest->at += line.n + 2;
  return line;
}

static gboolean
is_token (Span span)
{
  for (gsize i = 0; i < span.n; i++)
    if (!g_ascii_isalnum (span.at[i])
        && !(span.at[i] != '\0' && strchr ("!#$%&'*+-.^_`|~", span.at[i])))
      return FALSE;
  return span.n > 0;
}

static gboolean
span_is (Span span, const char *text)
{
  return span.n == strlen (text) && memcmp (span.at, text, span.n) == 0;
}

static gboolean
span_is_name (Span span, const char *name)
{
  return span.n == strlen (name) && g_ascii_strncasecmp (span.at, name, span.n) == 0;
}

static gboolean
check_method (Head *head, Span method)
{
  static const char *const known[] = { "GET", "HEAD", "POST", "DELETE", "OPTIONS" };

  if (!is_token (method))
    return refuse_malformed (head, "the method is malformed");
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (span_is (method, known[i]))
      return TRUE;
  return refuse (head, SIGHEJ_ERROR_METHOD_NOT_ALLOWED, "this method is not served here");
}

static gboolean
is_target_char (Span target, gsize i)
{
  if (target.at[i] == '%')
    return i + 2 < target.n && g_ascii_isxdigit (target.at[i + 1])
           && g_ascii_isxdigit (target.at[i + 2]);
  return target.at[i] > ' ' && target.at[i] <= '~' && target.at[i] != '#';
}

static gboolean
check_target (Head *head, Span target)
{
  if (target.n > head->limits->url_bytes_max)
    {
      *head->problem = (SighejProblem){ 414, "url-too-long", "The URL is too long", NULL };
      return FALSE;
    }
  if (target.n == 0 || target.at[0] != '/')
    return refuse_malformed (head, "the request target must be a path");
  for (gsize i = 0; i < target.n; i++)
    if (!is_target_char (target, i))
      return refuse_malformed (head, "the request target holds a character that is not allowed");
  return TRUE;
}

static gboolean
check_version (Head *head, Span version)
{
  head->is_http_1_0 = span_is (version, "HTTP/1.0");
  if (head->is_http_1_0 || span_is (version, "HTTP/1.1"))
    return TRUE;
  if (version.n != strlen ("HTTP/1.1") || memcmp (version.at, "HTTP/", strlen ("HTTP/")) != 0)
    return refuse_malformed (head, "the request line is malformed");
  *head->problem
      = (SighejProblem){ 505, "http-version", "Only HTTP/1.0 and HTTP/1.1 are served here", NULL };
  return FALSE;
}

static gboolean
check_request_line (Head *head, Span line)
{
  const char *first = memchr (line.at, ' ', line.n);
  const char *last = memrchr (line.at, ' ', line.n);
  Span method, target, version;

  if (first == NULL || first == last)
    return refuse_malformed (head, "the request line is malformed");

  method = (Span){ line.at, (gsize) (first - line.at) };
  target = (Span){ first + 1, (gsize) (last - first) - 1 };
  version = (Span){ last + 1, (gsize) (line.at + line.n - last) - 1 };
  head->is_post = span_is (method, "POST");
  return check_method (head, method) && check_version (head, version)
         && check_target (head, target);
}

static Span
trim (Span value)
{
  while (value.n > 0 && (value.at[0] == ' ' || value.at[0] == '\t'))
    value = (Span){ value.at + 1, value.n - 1 };
  while (value.n > 0 && (value.at[value.n - 1] == ' ' || value.at[value.n - 1] == '\t'))
    value.n--;
  return value;
}

static gboolean
take_length (Head *head, Span value)
{
  head->n_lengths++;
  head->body_bytes = 0;
  for (gsize i = 0; i < value.n && i <= LENGTH_DIGITS_MAX; i++)
    {
      if (!g_ascii_isdigit (value.at[i]))
        return refuse_malformed (head, "Content-Length must be digits");
      head->body_bytes = head->body_bytes * 10 + (gsize) (value.at[i] - '0');
    }
  if (value.n == 0 || value.n > LENGTH_DIGITS_MAX)
    return refuse_malformed (head, "Content-Length must be 1 to 6 digits");
  return TRUE;
}

static gboolean
is_port (Span span)
{
  guint port = 0;

  for (gsize i = 0; i < span.n; i++)
    {
      if (i >= PORT_DIGITS_MAX || !g_ascii_isdigit (span.at[i]))
        return FALSE;
      port = port * 10 + (guint) (span.at[i] - '0');
    }
  return port <= G_MAXUINT16;
}

static gboolean
is_host_name (Span span)
{
  for (gsize i = 0; i < span.n; i++)
    if (!g_ascii_isalnum (span.at[i]) && (span.at[i] == '\0' || !strchr (".-_", span.at[i])))
      return FALSE;
  return span.n > 0;
}

static gboolean
is_bracketed_address (Span span)
{
  g_autofree char *inner = g_strndup (span.at + 1, span.n - 2);

  return strchr (inner, ':') != NULL && g_hostname_is_ip_address (inner);
}

/* libsoup pastes it in front of the path and parses the whole: '?' or '@' would move the path. */
static gboolean
is_host (Span value)
{
  const char *bracket = value.n > 0 && value.at[0] == '[' ? memchr (value.at, ']', value.n) : NULL;
  Span name = value;
  Span rest = { NULL, 0 };

  if (bracket != NULL)
    name.n = (gsize) (bracket - value.at) + 1;
  else if (memchr (value.at, ':', value.n) != NULL)
    name.n = (gsize) ((const char *) memchr (value.at, ':', value.n) - value.at);
  if (name.n < value.n)
    {
      if (value.at[name.n] != ':')
        return FALSE;
      rest = (Span){ value.at + name.n + 1, value.n - name.n - 1 };
    }
  return is_port (rest) && (bracket != NULL ? is_bracketed_address (name) : is_host_name (name));
}

static gboolean
take_host (Head *head, Span value)
{
  head->n_hosts++;
  return is_host (value) || refuse_malformed (head, "Host is no host name with an optional port");
}

static gboolean
check_header_line (Head *head, Span line)
{
  const char *colon = memchr (line.at, ':', line.n);
  Span name, value;

  if (colon == NULL)
    return refuse_malformed (head, "a header line has no colon");
  name = (Span){ line.at, (gsize) (colon - line.at) };
  value = trim ((Span){ colon + 1, line.n - name.n - 1 });
  if (!is_token (name))
    return refuse_malformed (head, "a header's name is malformed");
  for (gsize i = 0; i < value.n; i++)
    if (g_ascii_iscntrl (value.at[i]) && value.at[i] != '\t')
      return refuse_malformed (head, "a header holds a control character");

  if (span_is_name (name, "Content-Length"))
    return take_length (head, value);
  if (span_is_name (name, "Host"))
    return take_host (head, value);
  if (span_is_name (name, "Transfer-Encoding"))
    head->n_encodings++;
  return TRUE;
}

static gboolean
check_framing (Head *head)
{
  if (head->n_lengths > 1)
    return refuse_malformed (head, "Content-Length stands more than once");
  if (head->n_lengths > 0 && head->n_encodings > 0)
    return refuse_malformed (head, "Content-Length and Transfer-Encoding exclude each other");
  if (head->n_hosts > 1 || (head->n_hosts == 0 && !head->is_http_1_0))
    return refuse_malformed (head, "Host must stand exactly once");
  if (head->n_encodings > 0)
    return refuse (head, SIGHEJ_ERROR_LENGTH_REQUIRED, "Transfer-Encoding is not taken here");
  if (head->is_post && head->n_lengths == 0)
    return refuse (head, SIGHEJ_ERROR_LENGTH_REQUIRED, "a POST needs a Content-Length");
  if (head->body_bytes > head->limits->body_bytes_max)
    return refuse (head, SIGHEJ_ERROR_TOO_LARGE, "the body is larger than this server takes");
  return TRUE;
}

gboolean
sighej_head_check (const char *data,
                   gsize n_bytes,
                   const SighejHeadLimits *limits,
                   gsize *body_bytes,
                   SighejProblem *problem)
{
  Head head = { .limits = limits, .problem = problem };
  Span rest = { data, n_bytes };
  Span line;

  *problem = sighej_head_too_long;
  if (n_bytes > limits->header_bytes_max)
    return FALSE;
  if (!check_request_line (&head, take_line (&rest)))
    return FALSE;

  while ((line = take_line (&rest)).n > 0)
    {
      if (++head.n_lines > limits->header_lines_max)
        {
          *problem = sighej_head_too_long;
          return FALSE;
        }
      if (!check_header_line (&head, line))
        return FALSE;
    }
  *body_bytes = head.body_bytes;
  return check_framing (&head);
}
