using System.Text.RegularExpressions;
using Portal.Components.Code;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Runner.Content;

namespace Portal.Features.Exchange.Formats;

/// <summary>
/// Puts a document together from what another product says, and notes what became of each piece. What has no meaning here is kept in the frontmatter below
/// the product's name (<c>langfuse.labels</c>), where it has no effect and an export finds it again; secrets are never kept.
/// </summary>
/// <param name="origin">Prefix of what is kept: <c>openai</c> or <c>langfuse</c>.</param>
internal sealed partial class DocumentBuilder(string origin)
{
    private static readonly (string Prefix, string Provider)[] s_families =
    [
        ("gpt-", "openai"), ("chatgpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"), ("computer-use", "openai"),
        ("claude", "anthropic"), ("gemini", "googleai"), ("gemma", "googleai"),
    ];

    private static readonly string[] s_providers = ["openai", "anthropic", "googleai", "vertexai", "ollama", "bedrock", "azureaifoundry", "demo"];

    private readonly JsonObject _config = [];
    private readonly JsonObject _defaults = [];
    private readonly JsonObject _kept = [];
    private readonly List<PlainMessage> _messages = [];
    private readonly List<MappingNote> _notes = [];
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);
    private string? _model;
    private string? _toolChoice;
    private JsonObject? _output;
    private JsonArray? _tools;
    private JsonArray? _definitions;

    public IReadOnlyList<MappingNote> Notes => _notes;

    public string? Description { get; set; }

    public void Note(NoteKind kind, string field, string text) => _notes.Add(new MappingNote(kind, field, text));

    /// <param name="field">Where it was.</param>
    /// <param name="name">Such as <c>gpt-4.1</c> or <c>openai/gpt-4.1</c>.</param>
    /// <param name="fallback">The provider of names that belong to no known family; null when there is none.</param>
    public void SetModel(string field, string name, string? fallback)
    {
        var provider = name.Split('/') is [var first, _, ..] && s_providers.Contains(first) ? ""
            : s_families.FirstOrDefault(family => name.StartsWith(family.Prefix, StringComparison.OrdinalIgnoreCase)).Provider ?? fallback;
        if (provider is null)
        {
            Keep(field, name);
            Note(NoteKind.Warning, field, $"Of which provider “{name}” is cannot be told: choose a model in the document.");
            return;
        }

        _model = provider.Length == 0 ? name : $"{provider}/{name}";
        Note(NoteKind.Became, field, $"model: {_model}");
    }

    public void SetConfig(string field, string name, JsonNode? value)
    {
        _config[name] = value?.DeepClone();
        Note(NoteKind.Became, field, $"config.{name}");
    }

    public void SetToolChoice(string field, string choice)
    {
        _toolChoice = choice;
        Note(NoteKind.Became, field, $"toolChoice: {choice}");
    }

    public void SetOutput(string field, JsonObject output)
    {
        _output = output;
        Note(NoteKind.Became, field, output.ContainsKey("schema") ? "output.schema" : "output.format: json");
    }

    public void AddTool(string field, string name, JsonObject definition)
    {
        (_tools ??= []).Add(name);
        (_definitions ??= []).Add(definition);
        Note(NoteKind.Became, field, $"The tool {name}, defined in the document. Who answers it is a Tool object of this name, which the flow lists.");
    }

    /// <summary>A variable's value that comes with the prompt.</summary>
    public void SetDefault(string field, string name, string value)
    {
        _defaults[name] = value;
        Note(NoteKind.Became, field, $"input.default.{name}");
    }

    /// <summary>Keeps what has no meaning here under the product's name.</summary>
    public void Keep(string name, JsonNode? value)
    {
        if (WithoutSecrets(value?.DeepClone(), name) is { } kept)
        {
            _kept[name] = kept;
        }
    }

    /// <summary>The same, with a line of the report.</summary>
    public void KeepNoted(string name, JsonNode? value)
    {
        Keep(name, value);
        if (_kept.ContainsKey(name))
        {
            Note(NoteKind.Kept, name, $"Kept as {origin}.{name}; it has no effect here.");
        }
    }

    /// <param name="field">Where it was.</param>
    /// <param name="role"><c>system</c>, <c>user</c> or <c>model</c>; null for the place of the conversation.</param>
    /// <param name="parts">What it says.</param>
    public void AddMessage(string field, string? role, IReadOnlyList<PlainPart> parts)
    {
        var trimmed = Trim(parts);
        if (role is not null && trimmed.Count == 0)
        {
            Note(NoteKind.Lost, field, "The message is empty.");
            return;
        }

        if (trimmed.OfType<PlainText>().Sum(part => part.Text.Length) != parts.OfType<PlainText>().Sum(part => part.Text.Length))
        {
            Note(NoteKind.Warning, field, "White space at the ends of the message is left out.");
        }

        _messages.Add(new PlainMessage(role, trimmed));
        foreach (var name in trimmed.Select(NameOf).OfType<string>().Where(_variables.Add))
        {
            Note(NoteKind.Became, field, TemplateText.IsSimple(name) ? $"The variable {name}, in the input schema." : $"The variable {name}, written in brackets in the template.");
        }
    }

    /// <summary>The document, or why there is none.</summary>
    public (string? Content, string? Problem) Build()
    {
        if (!_messages.Exists(message => message.Parts.Count > 0))
        {
            return (null, "It holds no text for a model. Paste the prompt with its messages.");
        }

        var content = $"---\n{ObjectYaml.Write(Frontmatter())}---\n{TemplateText.Write(_messages)}\n";
        var document = DotpromptDocument.Parse(content);
        return document.Diagnostics.FirstOrDefault(found => found.Severity == DiagnosticSeverity.Error) is { } error
            ? (null, $"As Dotprompt it could not be read again: {error.Message}")
            : (content, null);
    }

    private JsonObject Frontmatter()
    {
        var result = new JsonObject();
        Add("description", Description);
        Add("model", _model);
        Add("config", _config.Count > 0 ? _config.DeepClone() : null);
        if (_variables.Count > 0)
        {
            var input = new JsonObject { ["schema"] = InputSchema() };
            if (_defaults.Count > 0)
            {
                input["default"] = _defaults.DeepClone();
            }

            result["input"] = input;
        }

        Add("output", _output?.DeepClone());
        Add("tools", _tools?.DeepClone());
        Add("toolDefs", _definitions?.DeepClone());
        Add("toolChoice", _toolChoice);
        foreach (var (name, value) in _kept)
        {
            result[$"{origin}.{name}"] = value?.DeepClone();
        }

        return result;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                result[name] = value;
            }
        }
    }

    private JsonObject InputSchema() => _variables.All(TemplateText.IsSimple)
        ? new JsonObject(_variables.Select(name => KeyValuePair.Create(name, (JsonNode?)"string")))
        : new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(_variables.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["type"] = "string" }))),
        };

    private JsonNode? WithoutSecrets(JsonNode? node, string path)
    {
        if (SecretFilter.IsSecretName(path) || (node is JsonValue value && value.TryGetValue(out string? text) && SecretFilter.Clean(text) != text))
        {
            Note(NoteKind.Lost, path, "It looks like a secret, which a document must not hold: put it into a Secret.");
            return null;
        }

        switch (node)
        {
            case JsonObject map:
                foreach (var (name, member) in map.ToList())
                {
                    if (member is not null && WithoutSecrets(member, $"{path}.{name}") is null)
                    {
                        map.Remove(name);
                    }
                }

                break;
            case JsonArray list:
                for (var i = list.Count - 1; i >= 0; i--)
                {
                    if (list[i] is { } item && WithoutSecrets(item, $"{path}[{i}]") is null)
                    {
                        list.RemoveAt(i);
                    }
                }

                break;
        }

        return node;
    }

    private static string? NameOf(PlainPart part) => part switch
    {
        PlainVariable variable => variable.Name,
        PlainMedia media => media.Variable,
        _ => null,
    };

    private static List<PlainPart> Trim(IReadOnlyList<PlainPart> parts)
    {
        var result = new List<PlainPart>();
        foreach (var part in parts)
        {
            if (part is PlainText text && result is [.., PlainText before])
            {
                result[^1] = new PlainText(before.Text + text.Text);
            }
            else
            {
                result.Add(part);
            }
        }

        if (result is [PlainText first, ..])
        {
            result[0] = new PlainText(Leading().Replace(first.Text, ""));
        }

        if (result is [.., PlainText last])
        {
            result[^1] = new PlainText(Trailing().Replace(last.Text, ""));
        }

        result.RemoveAll(static part => part is PlainText { Text.Length: 0 });
        return result;
    }

    // Both what .NET and what the language of the template take for white space.
    [GeneratedRegex(@"\A[\s\uFEFF]+")]
    private static partial Regex Leading();

    [GeneratedRegex(@"[\s\uFEFF]+\z", RegexOptions.RightToLeft)]
    private static partial Regex Trailing();
}
