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

        List<KeyValuePair<string, string>> headers = [];
        AddOne("as", "Impersonate-User", name);
        if (user.Text("as-uid") is { } uid)
        {
            AddOne("as-uid", "Impersonate-Uid", uid);
        }

        Add("Impersonate-Group", groups);
        foreach (var key in extra?.Fields ?? [])
        {
            // A header name cannot hold every character of a key, such as the / of example.com/scope.
            Add("Impersonate-Extra-" + Uri.EscapeDataString(key), extra!.Texts(key));
        }

        return new Impersonation(headers);

        void AddOne(string field, string header, string value) =>
            headers.Add(new(header, !value.Any(char.IsControl) ? value : throw user.Error(field, "has control characters, which no header can hold.")));

        void Add(string header, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                headers.Add(new(header, HeaderLines.Join(values)));
            }
        }
    }
}
