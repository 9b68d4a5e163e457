using System.Text;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Secrets: <c>stringData</c> is write-only, the type does not change, typed secrets hold their keys. Messages never hold a value.</summary>
internal sealed class SecretRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;

    public override void PrepareCreate(JsonObject target) => MoveStringData(target);

    public override void PrepareUpdate(JsonObject target, JsonObject old)
    {
        MoveStringData(target);
        if (string.IsNullOrEmpty(target["type"]?.ToString()))
        {
            target["type"] = old["type"]?.DeepClone();
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var data = target["data"] as JsonObject ?? [];
        foreach (var error in data.SelectMany(pair => DataKeys.Problems("data", pair.Key)))
        {
            yield return error;
        }

        if (DataKeys.Size(data, base64: true) > DataKeys.MaxBytes)
        {
            yield return FieldError.TooLong("data", DataKeys.MaxBytes);
        }

        var type = target["type"]?.ToString() ?? "";
        if (old is not null && type != old["type"]?.ToString())
        {
            yield return FieldError.Invalid("type", type, "field is immutable");
        }

        foreach (var key in RequiredKeys(type).Where(key => !data.ContainsKey(key)))
        {
            yield return FieldError.Required($"data[{key}]");
        }

        foreach (var error in DataKeys.Immutability(target, old, "data"))
        {
            yield return error;
        }
    }

    private static string[] RequiredKeys(string type) => type switch
    {
        "kubernetes.io/tls" => ["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => [".dockerconfigjson"],
        "kubernetes.io/dockercfg" => [".dockercfg"],
        "kubernetes.io/ssh-auth" => ["ssh-privatekey"],
        _ => [],
    };

    private static void MoveStringData(JsonObject target)
    {
        if (target["stringData"] is JsonObject { Count: > 0 } plain)
        {
            if (target["data"] is not JsonObject data)
            {
                target["data"] = data = [];
            }

            foreach (var (key, value) in plain)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.ToString() ?? ""));
            }
        }

        target.Remove("stringData");
    }
}
