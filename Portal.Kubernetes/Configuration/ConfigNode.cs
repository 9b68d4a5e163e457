using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Portal.Kubernetes.Configuration;

/// <summary>A mapping in a kubeconfig that knows where it stands, so that errors can say so. Never puts a value into an error.</summary>
internal sealed class ConfigNode(YamlMappingNode yaml, string file, string path)
{
    public string File { get; } = file;

    /// <summary>The mappings of all documents of a file; an empty file gives an empty mapping.</summary>
    public static ConfigNode Parse(string text, string file)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0 || IsNull(stream.Documents[0].RootNode) ? new ConfigNode([], file, "")
                : stream.Documents[0].RootNode is YamlMappingNode mapping ? new ConfigNode(mapping, file, "")
                : throw new KubeConfigException($"{file}: this is not a kubeconfig (a mapping with clusters, users and contexts).");
        }
        catch (YamlException exception)
        {
            // Its own message may quote the text, which may be a credential.
            throw new KubeConfigException($"{file}, line {exception.Start.Line}: this is not valid YAML.", exception);
        }
    }

    /// <summary>Names of the fields, in the file's order.</summary>
    public IReadOnlyList<string> Fields => [.. yaml.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value ?? "")];

    public KubeConfigException Error(string field, string problem, Exception? inner = null)
    {
        var line = yaml.Children.TryGetValue(new YamlScalarNode(field), out var node) ? node.Start.Line : yaml.Start.Line;
        return new KubeConfigException($"{File}, line {Math.Max(1, line)}: {Join(field)}: {problem}", inner);
    }

    /// <summary>The text of a field, or null when it is absent or empty.</summary>
    public string? Text(string field) => Find(field) switch
    {
        null => null,
        YamlScalarNode scalar => string.IsNullOrEmpty(scalar.Value) ? null : scalar.Value,
        _ => throw Error(field, "must be a text."),
    };

    public string Require(string field) => Text(field) ?? throw Error(field, "is missing.");

    public bool Flag(string field) => Text(field) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Error(field, "must be true or false."),
    };

    public ConfigNode? Child(string field) => Find(field) switch
    {
        null => null,
        YamlMappingNode mapping => new ConfigNode(mapping, File, Join(field)),
        _ => throw Error(field, "must be a mapping."),
    };

    public IReadOnlyList<ConfigNode> Items(string field) => List(
        field,
        (node, index) => node is YamlMappingNode mapping ? new ConfigNode(mapping, File, $"{Join(field)}[{index}]") : throw Error(field, "must be a list of mappings."));

    public IReadOnlyList<string> Texts(string field) =>
        List(field, (node, _) => node is YamlScalarNode scalar ? scalar.Value ?? "" : throw Error(field, "must be a list of texts."));

    /// <summary>A file named by a field, relative to the kubeconfig's folder.</summary>
    public string? FilePath(string field) => Text(field) is { } name ? System.IO.Path.GetFullPath(name, Folder) : null;

    /// <summary>Folder of the kubeconfig.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(File))!;

    /// <summary>Content given in place, in base64 under <c>FIELD-data</c>, or else in a file named by <c>FIELD</c>; null when neither is there.</summary>
    public string? Content(string field)
    {
        var dataField = field + "-data";
        if (Text(dataField) is { } data)
        {
            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(data));
            }
            catch (FormatException exception)
            {
                throw Error(dataField, "is not valid base64.", exception);
            }
        }

        return FilePath(field) is { } name ? ReadFile(field, name) : null;
    }

    public string ReadFile(string field, string name)
    {
        try
        {
            return System.IO.File.ReadAllText(name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Error(field, $"cannot be read: {exception.Message}", exception);
        }
    }

    private IReadOnlyList<TItem> List<TItem>(string field, Func<YamlNode, int, TItem> read) => Find(field) switch
    {
        null => [],
        YamlSequenceNode sequence => [.. sequence.Children.Select(read)],
        _ => throw Error(field, "must be a list."),
    };

    private YamlNode? Find(string field) => yaml.Children.TryGetValue(new YamlScalarNode(field), out var node) && !IsNull(node) ? node : null;

    private string Join(string field) => path.Length == 0 ? field : $"{path}.{field}";

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: null or "" or "null" or "~" };
}
