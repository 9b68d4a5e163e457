using System.Globalization;
using Portal.Operator.Admission;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Models.Rules;

/// <summary>A model is reached through a PluginConfig of its provider, and its settings are settings.</summary>
internal sealed class ModelRule : IAdmissionRule<Model>
{
    public const string NoPluginConfig = "spec.pluginConfigRef.name is empty";

    private static readonly Dictionary<string, (double Min, double Max)> s_ranges = new(StringComparer.Ordinal)
    {
        ["temperature"] = (0, 2),
        ["topP"] = (0, 1),
        ["topK"] = (0, 1_000_000),
        ["maxOutputTokens"] = (1, 100_000_000),
    };

    /// <summary>The rules of Models.</summary>
    public static KindAdmission<Model> Create() => new(new ModelRule());

    public IEnumerable<AdmissionFinding> Check(Model target, AdmissionScope scope) => Check(target.Spec, "spec", target.Namespace, scope);

    /// <param name="model">A model, on its own or inside a flow.</param>
    /// <param name="path">Where it is written.</param>
    /// <param name="namespace">Where its reference is looked up.</param>
    /// <param name="scope">What else is known.</param>
    public static IEnumerable<AdmissionFinding> Check(ModelSpec model, string path, string? @namespace, AdmissionScope scope)
    {
        var name = model.PluginConfigRef.Name;
        if (scope.FindMissing("pluginconfig", name, $"{path}.pluginConfigRef.name", objects => objects.FindPluginConfig(@namespace, name)) is { } missing)
        {
            yield return missing;
        }
        else if (scope.Read(objects => objects.FindPluginConfig(@namespace, name)?.Spec.Type) is { } type && !type.Equals(model.Provider, StringComparison.OrdinalIgnoreCase))
        {
            yield return AdmissionFinding.Warning(
                $"{path}.provider", $"is {Names.Quoted(model.Provider)}, but the pluginconfig {Names.Quoted(name)} is of type {Names.Quoted(type)}", "they should be the same");
        }

        if (model.DefaultConfig is not (null or JsonObject))
        {
            yield return AdmissionFinding.Broken($"{path}.defaultConfig", "must be a JSON object", "such as {temperature: 0.3}");
        }

        if (model.Info is not (null or JsonObject))
        {
            yield return AdmissionFinding.Warning($"{path}.info", "should be a JSON object", "such as {label: ..., supports: {tools: true}}");
        }

        foreach (var (setting, value) in model.DefaultConfig as JsonObject ?? [])
        {
            if (s_ranges.TryGetValue(setting, out var range) && !(Number(value) is { } number && number >= range.Min && number <= range.Max))
            {
                yield return AdmissionFinding.Warning($"{path}.defaultConfig.{setting}", FormattableString.Invariant($"is a number from {range.Min} to {range.Max}"));
            }
        }
    }

    private static double? Number(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.Number && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;
}
