using System.IO.Pipelines;
using System.Text;
using Portal.Auth;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>Sends rows as a file, as they are read: JSON Lines, or CSV (RFC 4180) that no spreadsheet takes for formulas.</summary>
internal sealed class AuditExport(AuditReader reader, CurrentUser user, AuditFilter filter, bool isCsv) : IResult
{
    public const string JsonLinesType = "application/x-ndjson";
    private const int FlushEvery = 32 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = isCsv ? "text/csv; charset=utf-8" : JsonLinesType;
        response.Headers.ContentDisposition = $"attachment; filename=\"audit.{(isCsv ? "csv" : "jsonl")}\"";
        var output = response.BodyWriter;
        using var json = new Utf8JsonWriter(Stream.Null, AuditLines.WriterOptions);
        if (isCsv)
        {
            Write(output, string.Join(',', AuditTable.FieldNames.Prepend("Sequence").Append("Hash")) + "\r\n");
        }

        await foreach (var row in reader.ReadAllAsync(user, filter, httpContext.RequestAborted))
        {
            if (isCsv)
            {
                Write(output, LineOf(row));
            }
            else
            {
                AuditLines.Write(output, json, new StoredRow(row.Sequence, AuditTable.FieldsOf(row), row.Hash, row.Seal));
            }

            if (output.UnflushedBytes > FlushEvery)
            {
                await output.FlushAsync(httpContext.RequestAborted);
            }
        }

        await output.FlushAsync(httpContext.RequestAborted);
    }

    internal static string LineOf(AuditRow row)
    {
        var line = new StringBuilder().Append(row.Sequence);
        foreach (var field in AuditTable.FieldsOf(row).Append(row.Hash))
        {
            line.Append(',').Append(Cell(field));
        }

        return line.Append("\r\n").ToString();
    }

    /// <summary>A spreadsheet takes a cell that begins with one of these for a formula; after an apostrophe it is text.</summary>
    private static string Cell(string? value) => value switch
    {
        null or "" => "",
        ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '|' or '%', ..] => $"\"'{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        _ => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
    };

    private static void Write(PipeWriter output, string text) => Encoding.UTF8.GetBytes(text, output);
}
