using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Manifests;

namespace Portal.Tests.Operator;

/// <summary>The service account the operator is shipped with, bound to the roles it is shipped with and to nothing else.</summary>
internal static class OperatorIdentity
{
    private const string Namespace = "kube-system";
    private const string Name = "genkit-operator";
    private const string Group = "rbac.authorization.k8s.io";

    private static readonly ResourceDefinition s_clusterRoles = new(Group, "v1", "ClusterRole", "clusterroles", false);
    private static readonly ResourceDefinition s_bindings = new(Group, "v1", "ClusterRoleBinding", "clusterrolebindings", false);
    private static readonly WriteOptions s_apply = new() { Manager = new FieldManager("genkit-test"), Force = true };

    /// <summary>Applies account, role and binding as an administrator, and returns the same connection as that account.</summary>
    public static async Task<KubeConnection> AssumeAsync(KubeConnection administrator, CancellationToken cancellationToken)
    {
        var client = new KubeClient(administrator);
        var account = new JsonObject { ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = Namespace } };
        await client.Resource(BuiltIn.ServiceAccount).ApplyAsync(new KubeObject(account), s_apply, cancellationToken);
        await client.Resource(s_clusterRoles).ApplyAsync(new KubeObject(RbacManifests.All["operator_role.yaml"][0]), s_apply, cancellationToken);
        var binding = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = Name },
            ["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = "ClusterRole", ["name"] = Name },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Name, ["namespace"] = Namespace }),
        };
        await client.Resource(s_bindings).ApplyAsync(new KubeObject(binding), s_apply, cancellationToken);
        return Acting(administrator, $"system:serviceaccount:{Namespace}:{Name}");
    }

    /// <summary>The same connection as somebody else.</summary>
    public static KubeConnection Acting(KubeConnection administrator, string user) => administrator with { Handler = new ActingHandler(administrator.Handler, user) };

    /// <summary>Sends every request as somebody else. The handler below stays whose it was.</summary>
    private sealed class ActingHandler(HttpMessageHandler inner, string user) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Remove("Impersonate-User");
            request.Headers.TryAddWithoutValidation("Impersonate-User", user);
            return _inner.SendAsync(request, cancellationToken);
        }
    }
}
