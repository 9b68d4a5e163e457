using System.Globalization;

namespace Portal.ApiServer.Schemas;

/// <summary>Lengths, ranges, patterns and formats of scalar values.</summary>
internal static class ScalarRules
{
    public static void Check(JsonValue value, StructuralSchema schema, string path, ref List<FieldError>? errors)
    {
        if (value.GetValueKind() == JsonValueKind.String)
        {
            Text(value, value.GetValue<string>(), schema, path, ref errors);
        }
        else if (JsonNumbers.TryDouble(value, out var number))
        {
            Number(value, number, schema, path, ref errors);
        }
    }

    private static void Text(JsonValue value, string text, StructuralSchema schema, string path, ref List<FieldError>? errors)
    {
        // Lengths count characters (code points), although the message says bytes.
        if (schema.MaxLength is { } most && text.Length > most && Length(text) > most)
        {
            (errors ??= []).Add(FieldError.TooLong(path, most));
        }

        if (schema.MinLength is { } least && Length(text) < least)
        {
            (errors ??= []).Add(FieldError.Invalid(path, value, $"{path} in body should be at least {least} chars long"));
        }

        if (schema.Pattern is { } pattern && !pattern.IsMatch(text))
        {
            (errors ??= []).Add(FieldError.Invalid(path, value, $"{path} in body should match '{schema.PatternText}'"));
        }

        if (schema.Format is { } format && !FormatFits(format, text))
        {
            // What should be base64 may be a secret that somebody forgot to encode: it is not repeated.
            (errors ??= []).Add(format == "byte"
                ? FieldError.TypeInvalid(path, "<not shown>", $"{path} in body must be base64 (RFC 4648)")
                : FieldError.TypeInvalid(path, value, $"{path} in body must be of type {format}: {value.ToJsonString()}"));
        }
    }

    private static void Number(JsonValue value, double number, StructuralSchema schema, string path, ref List<FieldError>? errors)
    {
        if (schema.Format == "int32" && number is < int.MinValue or > int.MaxValue)
        {
            (errors ??= []).Add(FieldError.Invalid("<nil>", "", $"Checked value must be of type integer with format int32 in {path}"));
        }

        if (schema.Minimum is { } least && (schema.ExclusiveMinimum ? number <= least : number < least))
        {
            var relation = schema.ExclusiveMinimum ? "greater than" : "greater than or equal to";
            (errors ??= []).Add(FieldError.Invalid(path, value, $"{path} in body should be {relation} {Show(least)}"));
        }

        if (schema.Maximum is { } most && (schema.ExclusiveMaximum ? number >= most : number > most))
        {
            var relation = schema.ExclusiveMaximum ? "less than" : "less than or equal to";
            (errors ??= []).Add(FieldError.Invalid(path, value, $"{path} in body should be {relation} {Show(most)}"));
        }

        if (schema.MultipleOf is > 0 and { } step && Math.Abs(Math.IEEERemainder(number, step)) > 1e-9 * Math.Max(1, Math.Abs(number)))
        {
            (errors ??= []).Add(FieldError.Invalid(path, value, $"{path} in body should be a multiple of {Show(step)}"));
        }
    }

    private static int Length(string text)
    {
        var count = text.Length;
        foreach (var character in text)
        {
            count -= char.IsLowSurrogate(character) ? 1 : 0;
        }

        return count;
    }

    private static string Show(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    // Formats nobody knows are not checked, as upstream.
    private static bool FormatFits(string format, string text) => format switch
    {
        "date-time" => IsDateTime(text),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "byte" => IsBase64(text),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "ipv4" => System.Net.IPAddress.TryParse(text, out var v4) && v4.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork,
        "ipv6" => System.Net.IPAddress.TryParse(text, out var v6) && v6.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
        "cidr" => System.Net.IPNetwork.TryParse(text, out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "email" => System.Net.Mail.MailAddress.TryCreate(text, out _),
        "duration" => text.Length > 0,
        _ => true,
    };

    // RFC 3339: a date, T, a time to the second, and a zone.
    private static bool IsDateTime(string text) =>
        text.Length >= 20 && text[10] is 'T' or 't' && (text[^1] is 'Z' or 'z' || (text[^3] == ':' && text[^6] is '+' or '-'))
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsBase64(string text)
    {
        var buffer = new byte[(text.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(text, buffer, out _);
    }
}
