using System.Globalization;

namespace Portal.Runner.Evaluation;

/// <summary>Reads variables and collects what is wrong with them, each with its name.</summary>
internal sealed class EvaluationEnvironment(Func<string, string?> read)
{
    private static readonly JsonDocumentOptions s_json = new() { AllowDuplicateProperties = false };
    private const int MaxFileBytes = 4 * 1024 * 1024;

    public List<string> Errors { get; } = [];

    /// <summary>The value without white space around it; null when it is not set or empty.</summary>
    public string? Text(string variable) => read(variable)?.Trim() is { Length: > 0 } text ? text : null;

    public string Required(string variable, string why)
    {
        if (Text(variable) is { } text)
        {
            return text;
        }

        Errors.Add($"{variable} is missing: {why}");
        return "";
    }

    public int Number(string variable, int fallback, int least, int most)
    {
        if (Text(variable) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Errors.Add($"{variable}: \"{text}\" is not a whole number from {least} to {most}");
        return fallback;
    }

    /// <summary>An absolute http or https address.</summary>
    public Uri? Address(string variable)
    {
        if (Text(variable) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0)
        {
            return address;
        }

        Errors.Add($"{variable} is not an absolute http or https URL without credentials in it");
        return null;
    }

    /// <summary>JSON, or the path of a file with JSON.</summary>
    public JsonNode? Json(string variable) => Text(variable) is { } text ? Try(variable, () => ReadJson(text)) : null;

    /// <summary>The same for a schema that can be checked in full.</summary>
    public JsonNode? Schema(string variable) => Text(variable) is { } text ? Try(variable, () => SchemaKeywords.Require(ReadJson(text))) : null;

    /// <summary>Runs a step; what is wrong becomes an error of the variable.</summary>
    public T? Try<T>(string variable, Func<T> step)
        where T : class?
    {
        try
        {
            return step();
        }
        catch (Exception exception) when (exception is FormatException or EvaluationException)
        {
            Errors.Add($"{variable}: {exception.Message}");
            return null;
        }
    }

    /// <summary>Text that begins like JSON is read, any other is the path of a file.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static JsonNode? ReadJson(string text)
    {
        try
        {
            if (text.TrimStart() is ['{' or '[', ..] or "true" or "false")
            {
                return JsonNode.Parse(text, documentOptions: s_json);
            }

            return new FileInfo(text) is { Exists: true, Length: <= MaxFileBytes }
                ? JsonNode.Parse(File.ReadAllBytes(text), documentOptions: s_json)
                : throw new FormatException($"is neither JSON nor a file of up to {MaxFileBytes / 1024 / 1024} MB");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"is not valid JSON: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FormatException($"cannot be read: {exception.Message}", exception);
        }
    }
}
