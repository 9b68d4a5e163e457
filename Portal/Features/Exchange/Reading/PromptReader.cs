using Portal.Features.Exchange.Export;
using Portal.Features.Exchange.Formats;
using Portal.Features.Import;

namespace Portal.Features.Exchange.Reading;

/// <summary>Files and pasted text as prompts, whatever they are written in. Never throws for what it reads: what cannot be read says why.</summary>
internal static class PromptReader
{
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 64, AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <param name="files">As they were sent; archives are opened.</param>
    /// <param name="format">What they are; null looks at name and content.</param>
    /// <param name="namespace">Where the prompts go.</param>
    public static IReadOnlyList<ForeignPrompt> Read(IReadOnlyList<SourceFile> files, PromptFormat? format, string @namespace)
    {
        var result = new List<ForeignPrompt>();
        foreach (var file in files)
        {
            result.AddRange(ArchiveReader.IsArchive(file.Content) ? ReadArchive(file, @namespace) : ReadFile(file, file.FileName, file.FileName, format, @namespace));
        }

        return result.Count <= ExchangeLimits.Prompts
            ? result
            : [ForeignPrompt.Refused("all files", PromptFormat.Dotprompt, "", $"There are {result.Count:N0} prompts; at most {ExchangeLimits.Prompts:N0} are imported at once. Divide them.")];
    }

    private static IReadOnlyList<ForeignPrompt> ReadArchive(SourceFile archive, string @namespace)
    {
        var files = ArchiveReader.Read(archive);
        if (ArchiveIndex.Find(files) is { } index)
        {
            return index.Read(files, archive.FileName);
        }

        var root = CommonFolder([.. files.Where(file => file.Problem is null).Select(file => file.Path)]);
        return [.. files.SelectMany(file => ReadFile(
            file, file.Path.StartsWith(root, StringComparison.Ordinal) ? file.Path[root.Length..] : file.Path, $"{archive.FileName}: {file.Path}", null, @namespace))];
    }

    private static IReadOnlyList<ForeignPrompt> ReadFile(SourceFile file, string path, string source, PromptFormat? format, string @namespace)
    {
        var name = NameOf(path);
        if (file.Problem is { } problem)
        {
            return [ForeignPrompt.Refused(source, PromptFormat.Dotprompt, name, problem)];
        }

        var (text, unreadable) = file.Decode();
        if (text is null)
        {
            return [ForeignPrompt.Refused(source, format ?? PromptFormat.Dotprompt, name, unreadable!)];
        }

        try
        {
            return (format ?? FormatOf(path, text)) switch
            {
                PromptFormat.Dotprompt => [DotpromptFiles.Read(path, text, source)],
                PromptFormat.Manifest => [.. ManifestPrompts.Read(text.TrimStart('\uFEFF'), source, @namespace)],
                PromptFormat.OpenAi or PromptFormat.Langfuse => ReadJson(text.TrimStart('\uFEFF'), source, name, format, @namespace),
                _ => [ForeignPrompt.Refused(source, PromptFormat.Dotprompt, name, "It is none of the formats this import reads, by its name and content, and is left.") with { IsLeft = true }],
            };
        }
        catch (ImportException exception)
        {
            return [ForeignPrompt.Refused(source, PromptFormat.Manifest, name, exception.Message)];
        }
        catch (JsonException exception)
        {
            return [ForeignPrompt.Refused(source, format ?? PromptFormat.OpenAi, name, $"This is not JSON that can be read: {exception.Message}")];
        }
    }

    private static PromptFormat? FormatOf(string path, string text)
    {
        var start = text.AsSpan().TrimStart("\uFEFF \t\r\n");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            DotpromptFiles.Extension => PromptFormat.Dotprompt,
            ".yaml" or ".yml" => PromptFormat.Manifest,
            ".json" => PromptFormat.OpenAi,

            // Pasted text has no name.
            "" when start is ['{', not '{', ..] or ['[', ..] => PromptFormat.OpenAi,
            "" when text.Contains("apiVersion:", StringComparison.Ordinal) && text.Contains("kind:", StringComparison.Ordinal) && text.Contains("spec:", StringComparison.Ordinal) => PromptFormat.Manifest,
            "" => PromptFormat.Dotprompt,
            _ => null,
        };
    }

    /// <summary>JSON is told apart by what is in it, when nobody said what it is.</summary>
    private static IReadOnlyList<ForeignPrompt> ReadJson(string text, string source, string name, PromptFormat? format, string @namespace)
    {
        var root = JsonNode.Parse(text, documentOptions: s_json);
        var items = root switch
        {
            JsonArray list => list.OfType<JsonObject>().ToList(),
            JsonObject { } map when (map["data"] ?? map["prompts"]) is JsonArray list => list.OfType<JsonObject>().ToList(),
            JsonObject map => [map],
            _ => [],
        };
        if (items.Exists(item => item.ContainsKey("apiVersion")))
        {
            return [.. ManifestPrompts.Read(text, source, @namespace)];
        }

        if (items.Count == 0)
        {
            return [ForeignPrompt.Refused(source, format ?? PromptFormat.OpenAi, name, "There is no prompt in it. Give an object, or a list of objects.")];
        }

        // One that is not known must not keep the others back.
        return [.. LangfusePrompts.Read(items.Where(item => FormatOf(item) == PromptFormat.Langfuse), source, name),
            .. items.Select((item, index) => (Item: item, Source: items.Count > 1 ? $"{source}, entry {index + 1}" : source, Name: items.Count > 1 ? $"{name}-{index + 1}" : name))
                .Where(entry => FormatOf(entry.Item) != PromptFormat.Langfuse)
                .Select(entry => FormatOf(entry.Item) == PromptFormat.OpenAi ? OpenAiPrompts.Read(entry.Item, entry.Source, entry.Name) : ForeignPrompt.Refused(entry.Source, PromptFormat.OpenAi, entry.Name,
                    "This JSON is no prompt that is known here: OpenAI's have messages, input or instructions, Langfuse's name and prompt, a cluster's apiVersion and kind."))];

        PromptFormat? FormatOf(JsonObject item) => format ?? (LangfusePrompts.IsOne(item) ? PromptFormat.Langfuse : OpenAiPrompts.IsOne(item) ? PromptFormat.OpenAi : null);
    }

    private static string NameOf(string path)
    {
        var file = path[(path.LastIndexOf('/') + 1)..];
        return file.LastIndexOf('.') is > 0 and var dot ? file[..dot] : file;
    }

    /// <summary>What all paths begin with, up to a slash: archives mostly hold one folder.</summary>
    private static string CommonFolder(IReadOnlyList<string> paths)
    {
        var common = paths.Count == 0 ? "" : paths[0][..(paths[0].LastIndexOf('/') + 1)];
        foreach (var path in paths)
        {
            while (common.Length > 0 && !path.StartsWith(common, StringComparison.Ordinal))
            {
                common = common[..(common.LastIndexOf('/', common.Length - 2) + 1)];
            }
        }

        return common;
    }
}
