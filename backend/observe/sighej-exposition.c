/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-exposition"

#include "config.h"

#include "sighej-exposition.h"

#include <string.h>

#include <libsoup/soup.h>

#include "sighej-metrics.h"

#define OPENMETRICS "application/openmetrics-text"
#define LABELS_BYTES_MAX 256

SighejExpositionForm
sighej_exposition_choose (const char *accept)
{
  SighejExpositionForm form = SIGHEJ_EXPOSITION_PROMETHEUS;
  GSList *wanted = accept != NULL ? soup_header_parse_quality_list (accept, NULL) : NULL;

  /* The best first; of what we do not have, nothing is said. */
  for (GSList *node = wanted; node != NULL; node = node->next)
    {
      const char *type = node->data;

      if (g_ascii_strncasecmp (type, OPENMETRICS, strlen (OPENMETRICS)) == 0)
        form = SIGHEJ_EXPOSITION_OPENMETRICS;
      else if (g_ascii_strncasecmp (type, "text/", strlen ("text/")) != 0
               && !g_str_has_prefix (type, "*/*"))
        continue;
      break;
    }
  g_clear_pointer (&wanted, soup_header_free_list);
  return form;
}

const char *
sighej_exposition_get_content_type (SighejExpositionForm form)
{
  return form == SIGHEJ_EXPOSITION_OPENMETRICS ? OPENMETRICS "; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8";
}

/* ---- numbers ---- */

static gboolean
is_in_millionths (const SighejMetricInfo *info)
{
  return g_strcmp0 (info->unit, "seconds") == 0 || g_strcmp0 (info->unit, "ratio") == 0;
}

static void
append_value (GString *out, const SighejMetricInfo *info, guint64 value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (is_in_millionths (info))
    g_string_append (out, g_ascii_formatd (text, sizeof text, "%.6f", (double) value / 1e6));
  else if (info->type == SIGHEJ_METRIC_GAUGE)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, (gint64) value);
  else
    g_string_append_printf (out, "%" G_GUINT64_FORMAT, value);
}

/* As OpenMetrics writes a bound: "0.005", "1.0". */
static void
write_bound (const SighejMetricInfo *info, guint64 bound, char out[G_ASCII_DTOSTR_BUF_SIZE])
{
  double value = is_in_millionths (info) ? (double) bound / 1e6 : (double) bound;

  g_ascii_formatd (out, G_ASCII_DTOSTR_BUF_SIZE, "%g", value);
  if (strpbrk (out, ".e") == NULL)
    strcat (out, ".0");
}

/* ---- samples ---- */

static void
append_sample (GString *out,
               const SighejMetricInfo *info,
               const char *suffix,
               const char *labels,
               guint64 value)
{
  g_string_append_printf (out, "%s%s", info->name, suffix);
  if (labels[0] != '\0')
    g_string_append_printf (out, "{%s}", labels);
  g_string_append_c (out, ' ');
  append_value (out, info, value);
  g_string_append_c (out, '\n');
}

static void
append_count (
    GString *out, const SighejMetricInfo *info, const char *suffix, const char *labels, guint64 n)
{
  g_string_append_printf (out, "%s%s", info->name, suffix);
  if (labels[0] != '\0')
    g_string_append_printf (out, "{%s}", labels);
  g_string_append_printf (out, " %" G_GUINT64_FORMAT "\n", n);
}

static void
append_histogram (GString *out, SighejMetric metric, guint label, const char *labels)
{
  const SighejMetricInfo *info = &sighej_metrics_table[metric];
  const char *comma = labels[0] != '\0' ? "," : "";
  char with_bound[LABELS_BYTES_MAX];
  char bound[G_ASCII_DTOSTR_BUF_SIZE];
  guint64 n = 0;
  guint i;

  for (i = 0; info->bounds[i] != 0; i++)
    {
      n += sighej_metrics_get (metric, label, i);
      write_bound (info, info->bounds[i], bound);
      g_snprintf (with_bound, sizeof with_bound, "%s%sle=\"%s\"", labels, comma, bound);
      append_count (out, info, "_bucket", with_bound, n);
    }
  n += sighej_metrics_get (metric, label, i);
  g_snprintf (with_bound, sizeof with_bound, "%s%sle=\"+Inf\"", labels, comma);
  append_count (out, info, "_bucket", with_bound, n);
  append_sample (out, info, "_sum", labels, sighej_metrics_get (metric, label, i + 1));
  append_count (out, info, "_count", labels, n);
}

static const char *
get_suffix (const SighejMetricInfo *info)
{
  if (info->type == SIGHEJ_METRIC_COUNTER)
    return "_total";
  return info->type == SIGHEJ_METRIC_INFO ? "_info" : "";
}

static void
append_samples (GString *out, SighejMetric metric)
{
  const SighejMetricInfo *info = &sighej_metrics_table[metric];
  guint n_labels = sighej_metric_count_labels (info->labels);
  guint n_inner = sighej_metric_count_labels (info->inner);

  for (guint i = 0; i < n_labels * n_inner; i++)
    {
      char labels[LABELS_BYTES_MAX];

      g_snprintf (labels,
                  sizeof labels,
                  "%s%s%s",
                  info->labels != NULL ? info->labels[i / n_inner] : "",
                  info->inner != NULL ? "," : "",
                  info->inner != NULL ? info->inner[i % n_inner] : "");
      if (info->type == SIGHEJ_METRIC_HISTOGRAM)
        append_histogram (out, metric, i, labels);
      else
        append_sample (out, info, get_suffix (info), labels, sighej_metrics_get (metric, i, 0));
    }
}

/* ---- families ---- */

static const char *
get_type_word (SighejExpositionForm form, SighejMetricType type)
{
  static const char *const words[] = { "counter", "gauge", "histogram", "info" };

  /* The older form knows no "info". */
  if (form == SIGHEJ_EXPOSITION_PROMETHEUS && type == SIGHEJ_METRIC_INFO)
    return words[SIGHEJ_METRIC_GAUGE];
  return words[type];
}

static void
append_head (GString *out, SighejExpositionForm form, const SighejMetricInfo *info)
{
  gboolean is_open = form == SIGHEJ_EXPOSITION_OPENMETRICS;
  /* There a family is named without the suffix of its samples; here with it. */
  const char *suffix = is_open ? "" : get_suffix (info);

  g_string_append_printf (
      out, "# TYPE %s%s %s\n", info->name, suffix, get_type_word (form, info->type));
  if (is_open && info->unit != NULL)
    g_string_append_printf (out, "# UNIT %s %s\n", info->name, info->unit);
  g_string_append_printf (out, "# HELP %s%s %s\n", info->name, suffix, info->help);
}

char *
sighej_exposition_write (SighejExpositionForm form)
{
  g_autoptr (GString) out = g_string_sized_new (32 * 1024);

  for (guint i = 0; i < SIGHEJ_N_METRICS; i++)
    {
      append_head (out, form, &sighej_metrics_table[i]);
      append_samples (out, i);
    }
  if (form == SIGHEJ_EXPOSITION_OPENMETRICS)
    g_string_append (out, "# EOF\n");
  return g_string_free (g_steal_pointer (&out), FALSE);
}
