/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-time-range.h"

#define HOURS_MAX 23
#define MINUTES_MAX 59

static void
skip_spaces (const char **at)
{
  while (g_unichar_isspace (g_utf8_get_char (*at)))
    *at = g_utf8_next_char (*at);
}

/* One or two digits, at least @n_min. */
static gboolean
take_number (const char **at, guint n_min, guint maximum, guint *number)
{
  guint n = 0;

  for (*number = 0; n < 2 && g_ascii_isdigit (**at); n++, (*at)++)
    *number = *number * 10 + (guint) g_ascii_digit_value (**at);
  return n >= n_min && *number <= maximum;
}

static gboolean
take_time (const char **at, guint *hour, guint *minute)
{
  *minute = 0;
  skip_spaces (at);
  if (!take_number (at, 1, HOURS_MAX, hour))
    return FALSE;
  if (**at == ':' || **at == '.')
    {
      (*at)++;
      if (!take_number (at, 2, MINUTES_MAX, minute))
        return FALSE;
    }
  skip_spaces (at);
  return TRUE;
}

static gboolean
take_dash (const char **at)
{
  gunichar c = g_utf8_get_char (*at);

  if (g_unichar_type (c) != G_UNICODE_DASH_PUNCTUATION)
    return FALSE;

  *at = g_utf8_next_char (*at);
  return TRUE;
}

char *
sighej_time_range_parse (const char *typed)
{
  guint hours[2];
  guint minutes[2];

  if (!g_utf8_validate (typed, -1, NULL) || !take_time (&typed, &hours[0], &minutes[0])
      || !take_dash (&typed) || !take_time (&typed, &hours[1], &minutes[1]) || *typed != '\0')
    return NULL;
  if (hours[0] == hours[1] && minutes[0] == minutes[1])
    return NULL;

  return g_strdup_printf ("%02u:%02u-%02u:%02u", hours[0], minutes[0], hours[1], minutes[1]);
}

char *
sighej_time_range_dup_text (const char *range)
{
  g_autofree char *strict = sighej_time_range_parse (range);

  if (strict == NULL)
    return g_strdup (range);

  strict[5] = '\0';
  return g_strdup_printf ("%s–%s", strict, strict + 6);
}
