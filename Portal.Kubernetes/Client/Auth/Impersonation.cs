using Portal.Kubernetes.Configuration;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>Whom to act as (<c>as</c>, <c>as-uid</c>, <c>as-groups</c> and <c>as-user-extra</c> of a kubeconfig's user), as headers of every request.</summary>
internal sealed record Impersonation(IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Null when the user acts as itself.</summary>
    public static Impersonation? Read(ConfigNode user)
    {
        var groups = user.Texts("as-groups");
        var extra = user.Child("as-user-extra");
        if (user.Text("as") is not { } name)
        {
            return groups.Count == 0 && extra is null && user.Text("as-uid") is null
                ? null
                : throw user.Error("as", "is missing, but there are as-uid, as-groups or as-user-extra, which go with it.");
        }

        List<KeyValuePair<string, string>> headers = [new("Impersonate-User", name)];
        if (user.Text("as-uid") is { } uid)
        {
            headers.Add(new("Impersonate-Uid", uid));
        }

        headers.AddRange(Only("as-groups", user, groups).Select(group => KeyValuePair.Create("Impersonate-Group", group)));
        foreach (var key in extra?.Fields ?? [])
        {
            // A header name cannot hold every character of a key, such as the / of example.com/scope.
            headers.AddRange(Only(key, extra!, extra!.Texts(key)).Select(value => KeyValuePair.Create("Impersonate-Extra-" + Uri.EscapeDataString(key), value)));
        }

        return new Impersonation(headers);
    }

    /// <summary>HttpClient sends the values of one header in one line, with commas, which API servers take for a single value.</summary>
    private static IReadOnlyList<string> Only(string field, ConfigNode node, IReadOnlyList<string> values) =>
        values.Count <= 1 ? values : throw node.Error(field, "has more than one value, which cannot be sent; impersonate a user or one group that has the rights.");
}
