using Portal.Components;
using Portal.Features.Prices;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Models;
using Portal.Operator.Tools;

namespace Portal.Features.Prompts.Forms;

/// <summary>A model one can choose.</summary>
/// <param name="Name">As it is written in a prompt: <c>provider/model</c>.</param>
/// <param name="Price">In words; null when it is unpriced.</param>
public sealed record ModelChoice(string Name, string Object, Status Status, string? Message, string? Price, ModelSpec Spec);

/// <summary>A tool one can choose.</summary>
public sealed record ToolChoice(string Name, string? Description, Status Status, string? Message);

/// <summary>What a prompt can name in its namespace, with what one wants to know before choosing.</summary>
public sealed class PromptChoices(InformerFactory informers, PriceBook prices, TimeProvider clock)
{
    public Informer<Model> ModelObjects { get; } = informers.Get<Model>();

    public Informer<Tool> ToolObjects { get; } = informers.Get<Tool>();

    /// <summary>Those that are ready first, each <c>provider/model</c> once.</summary>
    public IReadOnlyList<ModelChoice> Models(string @namespace) =>
        [.. ModelObjects.Store.List(@namespace).Select(Of).OfType<ModelChoice>().OrderByDescending(choice => choice.Status == Status.Ready)
            .ThenBy(choice => choice.Name, StringComparer.Ordinal).DistinctBy(choice => choice.Name)];

    public IReadOnlyList<ToolChoice> Tools(string @namespace) =>
        [.. ToolObjects.Store.List(@namespace).OrderBy(tool => tool.Name, StringComparer.Ordinal).Select(tool => new ToolChoice(
            tool.Name, (tool.Json["spec"]?["definition"] as JsonObject)?["description"]?.ToString(), ObjectStatus.Of(tool), tool.FindCondition("Ready")?.Message))];

    private ModelChoice? Of(Model model)
    {
        try
        {
            var spec = model.Spec;
            return new($"{spec.Provider}/{spec.Model}", model.Name, ObjectStatus.Of(model), model.FindCondition("Ready")?.Message, PriceOf(spec), spec);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string? PriceOf(ModelSpec spec) => prices.Find(spec.Provider, spec.Model, clock.GetUtcNow()) switch
    {
        null => null,
        { Rates.IsFree: true } free => free.Label ?? "free",
        var price => FormattableString.Invariant($"{Cost.Sign(price.Currency)}{price.Rates.Input / 1e9m:0.###} in, {Cost.Sign(price.Currency)}{price.Rates.Output / 1e9m:0.###} out per 1 M tokens"),
    };
}
