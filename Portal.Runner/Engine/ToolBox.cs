using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Providers;
using Portal.Runner.Tools;

namespace Portal.Runner.Engine;

/// <summary>The tools of one call, with the names models know them by: vendors accept fewer characters than authors write.</summary>
internal sealed class ToolBox
{
    private const int MaxName = 64;
    private readonly FrozenDictionary<string, ToolDescriptor> _tools;
    private readonly FrozenDictionary<string, string> _written;

    public ToolBox(IEnumerable<ToolDescriptor> tools)
    {
        var distinct = tools.DistinctBy(static tool => tool.Name, StringComparer.Ordinal).ToList();
        _tools = distinct.ToFrozenDictionary(static tool => tool.Name, StringComparer.Ordinal);
        _written = distinct.ToFrozenDictionary(static tool => NameForModel(tool.Name), static tool => tool.Name, StringComparer.Ordinal);
        Definitions = [.. distinct.Select(static tool => new ToolDefinition(NameForModel(tool.Name), tool.Description, tool.InputSchema))];
    }

    public IReadOnlyList<ToolDefinition> Definitions { get; }

    public IEnumerable<string> Names => _tools.Keys.Order(StringComparer.Ordinal);

    public ToolDescriptor? Find(string name) => _tools.GetValueOrDefault(name);

    /// <summary>Finds the tools a prompt names, in the flow's files and in the prompt itself.</summary>
    /// <exception cref="GenkitException">A tool is unknown, wrong, or its server does not list it.</exception>
    public static async ValueTask<ToolBox> OpenAsync(RenderedPrompt rendered, GenerateCall call, ToolCatalog catalog, CancellationToken cancellationToken)
    {
        List<ToolDescriptor> tools = [];
        foreach (var tool in rendered.Metadata.Tools.Select(name => FindByName(call.Tools, name) ?? throw Unknown(name, call.Tools))
            .Concat(rendered.Metadata.ToolDefs.Select(definition => Inline(definition, call.Tools))))
        {
            try
            {
                tools.AddRange(tool.Kind is null ? [tool] : await catalog.Of(tool).ExpandAsync(tool, cancellationToken));
            }
            catch (ToolException exception)
            {
                throw new GenkitException(GenkitStatus.Unavailable, $"Tool \"{tool.Name}\": {exception.Message}", exception);
            }
        }

        return new ToolBox(tools);
    }

    /// <summary>A message as a model may see it.</summary>
    public static Message ForModel(Message message) => message.Content.Any(static part => part is ToolRequestPart or ToolResponsePart)
        ? message with { Content = [.. message.Content.Select(static part => Rename(part, NameForModel))] }
        : message;

    /// <summary>A model's parts with the names authors wrote.</summary>
    public IReadOnlyList<Part> FromModel(IReadOnlyList<Part> parts) => parts.Any(static part => part is ToolRequestPart)
        ? [.. parts.Select(part => Rename(part, name => _written.GetValueOrDefault(name, name)))]
        : parts;

    /// <summary>At most 64 letters, digits, '_' and '-', beginning with a letter or '_'; a changed name carries a hash, so that no two become one.</summary>
    internal static string NameForModel(string name)
    {
        var safe = string.Concat(name.Select(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '_'));
        if (safe.Length is > 0 and <= MaxName && safe == name && !char.IsAsciiDigit(safe[0]) && safe[0] != '-')
        {
            return safe;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4));
        return $"t_{(safe.Length > MaxName - 11 ? safe[..(MaxName - 11)] : safe)}_{hash}";
    }

    private static Part Rename(Part part, Func<string, string> name) => part switch
    {
        ToolRequestPart request => request with { Name = name(request.Name) },
        ToolResponsePart response => response with { Name = name(response.Name) },
        _ => part,
    };

    /// <summary>By its own name, its file's, or the last part of a path such as <c>/tool/search</c>.</summary>
    private static ToolDescriptor? FindByName(IReadOnlyList<ToolDescriptor> tools, string name) =>
        tools.FirstOrDefault(tool => tool.Name == name) ?? tools.FirstOrDefault(tool => tool.FileName == name)
        ?? (name.LastIndexOf('/') is >= 0 and var slash ? FindByName(tools, name[(slash + 1)..]) : null);

    /// <summary>A definition in the prompt; who answers comes from the flow's files, never from the prompt.</summary>
    private static ToolDescriptor Inline(JsonNode? definition, IReadOnlyList<ToolDescriptor> tools)
    {
        try
        {
            var inline = ToolDescriptor.Read(definition);
            return FindByName(tools, inline.Name) is { } known
                ? known with { Description = inline.Description, InputSchema = inline.InputSchema, OutputSchema = inline.OutputSchema }
                : inline with { Kind = null, Settings = [] };
        }
        catch (JsonException exception)
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, $"toolDefs of the prompt: {exception.Message}.", exception);
        }
    }

    private static GenkitException Unknown(string name, IReadOnlyList<ToolDescriptor> tools) => new(GenkitStatus.InvalidArgument, tools.Count == 0
        ? $"The prompt uses the tool \"{name}\", and the flow has no tools. Add it to the flow's tools."
        : $"The prompt uses the tool \"{name}\", which the flow does not have. There are: {string.Join(", ", tools.Select(static tool => tool.Name))}.");
}
