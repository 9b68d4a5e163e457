using System.Text;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Manifests;
using Portal.Tests.Helm.Template;
using Portal.Tests.Shared;

namespace Portal.Tests.Helm.Chart;

/// <summary>The chart of the repository, rendered as Helm would.</summary>
internal sealed class HelmChart
{
    public const string Folder = "helm/genkit-portal";

    private readonly Dictionary<string, IReadOnlyList<TemplateNode>> _definitions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<TemplateNode>> _templates = new(StringComparer.Ordinal);
    private readonly JsonObject _chart;

    private HelmChart()
    {
        _chart = ReadYaml(File.ReadAllText(Repository.Path(Folder, "Chart.yaml")));
        Values = ReadYaml(File.ReadAllText(Repository.Path(Folder, "values.yaml")));
        var root = Repository.Path(Folder, "templates");

        // What is generated comes from its source, so that one run of the generator is enough.
        var files = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(root, file), File.ReadAllText, StringComparer.Ordinal);
        foreach (var (name, text) in ChartTemplates.RenderAll())
        {
            files[name] = text;
        }

        foreach (var (name, text) in files.Where(file => !file.Key.EndsWith(".received", StringComparison.Ordinal)))
        {
            _templates.Add(name, TemplateParser.Parse(name, text, _definitions));
        }
    }

    public static HelmChart Instance { get; } = new();

    /// <summary>The default values; do not change them.</summary>
    public JsonObject Values { get; }

    /// <summary>The objects of a release, in the order of the files.</summary>
    /// <param name="values">YAML laid over the default values.</param>
    /// <exception cref="TemplateException">A template refuses, or the values do not fit the schema.</exception>
    public IReadOnlyList<JsonObject> Render(string values = "{}", string release = "genkit-portal", string @namespace = "genkit-portal")
    {
        var root = Root(values, release, @namespace);
        var objects = new List<JsonObject>();
        foreach (var (name, template) in _templates.Where(template => template.Key.EndsWith(".yaml", StringComparison.Ordinal)))
        {
            var text = new TemplateRunner(_definitions).Run(template, root);
            foreach (var document in text.Split("\n---").Select(part => part.Trim()).Where(part => part.Length > 0 && part != "---"))
            {
                try
                {
                    objects.Add(ReadYaml(document.StartsWith("---", StringComparison.Ordinal) ? document[3..] : document));
                }
                catch (Exception exception) when (exception is not TemplateException)
                {
                    throw new TemplateException($"{name} makes what is no YAML: {exception.Message}\n{document}");
                }
            }
        }

        return objects;
    }

    /// <summary>What Helm prints after an installation.</summary>
    public string RenderNotes(string values = "{}", string release = "genkit-portal", string @namespace = "genkit-portal") =>
        new TemplateRunner(_definitions).Run(_templates["NOTES.txt"], Root(values, release, @namespace));

    public static JsonObject ReadYaml(string text)
    {
        var duplicates = new List<string>();
        var read = KubernetesYaml.Parse(Encoding.UTF8.GetBytes(text), duplicates) as JsonObject ?? [];
        return duplicates.Count == 0 ? read : throw new TemplateException($"keys come twice: {string.Join(", ", duplicates)}");
    }

    private JsonObject Root(string values, string release, string @namespace)
    {
        var merged = Merge((JsonObject)Values.DeepClone(), ReadYaml(values));
        var problems = ValuesSchema.Instance.Check(merged);
        if (problems.Count > 0)
        {
            throw new TemplateException(string.Join('\n', problems));
        }

        return new JsonObject
        {
            [nameof(Values)] = merged,
            ["Chart"] = new JsonObject { ["Name"] = _chart["name"]!.DeepClone(), ["Version"] = _chart["version"]!.DeepClone(), ["AppVersion"] = _chart["appVersion"]!.DeepClone() },
            ["Release"] = new JsonObject { ["Name"] = release, ["Namespace"] = @namespace, ["Service"] = "Helm" },
        };
    }

    private static JsonObject Merge(JsonObject below, JsonObject above)
    {
        foreach (var (key, value) in above)
        {
            below[key] = below[key] is JsonObject inner && value is JsonObject outer ? Merge(inner, outer) : value?.DeepClone();
        }

        return below;
    }
}
