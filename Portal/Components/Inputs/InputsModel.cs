namespace Portal.Components.Inputs;

/// <summary>Values of a prompt's inputs as its author enters them: one text a field, or all as JSON. Survives changes of the schema.</summary>
public sealed class InputsModel
{
    private const string RawKey = "";

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _previews = new(StringComparer.Ordinal);
    private JsonObject _defaults = [];

    /// <summary>Small pictures of files, by hash; a history keeps them in the place of the files.</summary>
    public IReadOnlyDictionary<string, string> Previews => _previews;

    public IReadOnlyList<InputField> Fields { get; private set; } = [];

    /// <summary>Whether the input is written as JSON; always so for a prompt without a schema.</summary>
    public bool IsRaw { get; private set; }

    public string Raw { get; private set; } = "{}";

    /// <summary>Takes a new schema. Fields nobody changed show the new defaults.</summary>
    /// <param name="schema">JSON Schema of the input; null when there is none.</param>
    /// <param name="defaults">By name.</param>
    /// <param name="media">Names of those that are files.</param>
    public void Update(JsonObject? schema, JsonObject defaults, IReadOnlySet<string>? media = null)
    {
        var hadFields = Fields.Count > 0;
        Fields = InputField.FromSchema(schema, media);
        _defaults = defaults;
        foreach (var field in Fields.Where(field => !_touched.Contains(field.Name)))
        {
            _values[field.Name] = field.Format(defaults[field.Name]);
        }

        if (Fields.Count == 0 && (hadFields || !IsRaw) && !_touched.Contains(RawKey))
        {
            Raw = defaults.ToJsonString(InputJson.Indented);
        }
    }

    /// <summary>Takes the input of an earlier run.</summary>
    public void Load(JsonObject input)
    {
        Raw = input.ToJsonString(InputJson.Indented);
        _touched.Add(RawKey);
        foreach (var field in Fields)
        {
            Take(field, input[field.Name]);
            _touched.Add(field.Name);
        }
    }

    /// <summary>What a past run keeps of the file that was given here; null when there was none.</summary>
    public JsonObject? KeptOf(InputField field) => _kept.GetValueOrDefault(field.Name);

    public void TakePreview(MediaValue media)
    {
        if (media.Preview is { } preview)
        {
            _previews[media.Hash] = preview;
        }
    }

    public string ValueOf(InputField field) => _values.GetValueOrDefault(field.Name, "");

    public void Set(InputField field, string text)
    {
        _values[field.Name] = text;
        _kept.Remove(field.Name);
        _touched.Add(field.Name);
    }

    public void SetRaw(string text)
    {
        Raw = text;
        _touched.Add(RawKey);
    }

    /// <summary>Goes over to JSON or back, carrying the values along where they can be read.</summary>
    public void ShowRaw(bool raw)
    {
        if (raw && !IsRaw && TryBuildFields(out var fields, out _))
        {
            Raw = fields!.ToJsonString(InputJson.Indented);
        }
        else if (!raw && IsRaw && TryBuildRaw(out var whole, out _))
        {
            foreach (var field in Fields)
            {
                Set(field, field.Format(whole![field.Name]));
            }
        }

        IsRaw = raw;
    }

    /// <summary>What is wrong with one field; null when nothing is.</summary>
    public string? ProblemOf(InputField field)
    {
        try
        {
            field.Parse(ValueOf(field));
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>The input of a call, or what is wrong with it.</summary>
    public bool TryBuild(out JsonObject? input, out string? problem) =>
        IsRaw || Fields.Count == 0 ? TryBuildRaw(out input, out problem) : TryBuildFields(out input, out problem);

    private void Take(InputField field, JsonNode? value)
    {
        _kept.Remove(field.Name);
        if (KeptMedia.Find(value) is { } kept)
        {
            _kept[field.Name] = kept;
            value = null;
        }

        _values[field.Name] = field.Format(value);
    }

    private bool TryBuildRaw(out JsonObject? input, out string? problem)
    {
        input = null;
        if (string.IsNullOrWhiteSpace(Raw))
        {
            (input, problem) = ([], null);
            return true;
        }

        if (!InputJson.TryParse(Raw, out var node, out problem))
        {
            problem = $"The input is not JSON: {problem}.";
            return false;
        }

        input = node as JsonObject;
        problem = input is null ? "The input must be a JSON object: {\"name\": value}." : null;
        return input is not null;
    }

    private bool TryBuildFields(out JsonObject? input, out string? problem)
    {
        input = [];
        foreach (var field in Fields)
        {
            if (ProblemOf(field) is { } wrong)
            {
                (input, problem) = (null, $"{field.Name} {wrong}.");
                return false;
            }

            var text = ValueOf(field);
            if (field.Parse(text) is { } value)
            {
                input[field.Name] = value;
            }
            else if (field is { Kind: InputKind.Boolean, Required: true })
            {
                // A box that was never ticked says no.
                input[field.Name] = false;
            }
            else if (field.Kind == InputKind.Text && _defaults[field.Name] is not null)
            {
                // Emptied on purpose: left out, the default would come back.
                input[field.Name] = "";
            }
        }

        problem = null;
        return true;
    }
}
