using System.Globalization;
using System.Text;

namespace Portal.Kubernetes.Client;

/// <summary>Builds a query; parameters without a value are left out.</summary>
internal sealed class QueryString
{
    private readonly StringBuilder _text = new();

    public QueryString Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    public QueryString Add(string name, int? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public QueryString Add(WriteOptions? options) => this
        .Add("fieldManager", options?.Manager?.Name)
        .Add("dryRun", options is { DryRun: true } ? "All" : null)
        .Add("force", options is { Force: true } ? "true" : null)
        .Add("fieldValidation", options?.FieldValidation);

    public override string ToString() => _text.ToString();
}
