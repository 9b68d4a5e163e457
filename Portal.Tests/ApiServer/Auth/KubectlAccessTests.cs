namespace Portal.Tests.ApiServer.Auth;

/// <summary>Access with the real kubectl.</summary>
public sealed class KubectlAccessTests(KubectlFixture kubectl) : IClassFixture<KubectlFixture>
{
    [Theory]
    [InlineData("plain", "")]
    [InlineData("teller", " --duration=20m --audience=https://kubernetes.default.svc.cluster.local")]
    public async Task CreateToken_IsATokenOfTheAccount(string account, string options)
    {
        await kubectl.OkAsync($"create serviceaccount {account}");
        var token = (await kubectl.OkAsync($"create token {account}{options}")).Trim();

        Assert.Contains($"system:serviceaccount:default:{account}", await kubectl.OkAsync($"auth whoami --token={token}", null), StringComparison.Ordinal);
        var (exit, _, error) = await kubectl.RunAsync(["get", "pods", $"--token={token}"]);
        Assert.Equal(1, exit);
        Assert.Contains("serviceaccounts \"nobody\" not found", (await kubectl.RunAsync(["create", "token", "nobody"])).Error, StringComparison.Ordinal);
        Assert.Contains($"User \"system:serviceaccount:default:{account}\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateRoleAndBinding_AllowWhatTheySay()
    {
        await kubectl.OkAsync("create clusterrole scaler --verb=get,update --resource=deployments/scale,deployments.apps");
        await kubectl.OkAsync("create rolebinding scalers --clusterrole=scaler --user=sam --serviceaccount=default:sam");
        Assert.Matches("ClusterRole/scaler .* sam +default/sam", await kubectl.OkAsync("get rolebinding scalers -o wide"));

        Assert.Equal("yes\n", await kubectl.OkAsync("auth can-i update deployments.apps/web --subresource=scale --as=sam"));
        Assert.Equal("yes\n", await kubectl.OkAsync("auth can-i get deployments --as=system:serviceaccount:default:sam"));
        var (exit, output, _) = await kubectl.RunAsync(["auth", "can-i", "delete", "deployments", "--as=sam"]);
        Assert.Equal((1, "no\n"), (exit, output));
    }

    [Fact]
    public async Task CanIList_ShowsTheRulesOfWhomItActsAs()
    {
        await kubectl.OkAsync("create role looker --verb=get --resource=configmaps --resource-name=one");
        await kubectl.OkAsync("create rolebinding lookers --role=looker --group=lookers");

        var list = await kubectl.OkAsync("auth can-i --list --as=lou --as-group=lookers");

        Assert.Matches(@"configmaps +\[\] +\[one\] +\[get\]", list);
        Assert.Contains("selfsubjectreviews.authentication.k8s.io", list, StringComparison.Ordinal);
        Assert.DoesNotContain("*.*", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_ActsAsSomebodyElse()
    {
        Assert.Contains("zoe", await kubectl.OkAsync("auth whoami --as=zoe --as-group=ops --as-uid=7"), StringComparison.Ordinal);
        var (exit, _, error) = await kubectl.RunAsync(["get", "secrets", "--as=zoe"]);
        Assert.Equal(1, exit);
        Assert.Equal(
            "Error from server (Forbidden): secrets is forbidden: User \"zoe\" cannot list resource \"secrets\" in API group \"\" in the namespace \"default\"\n", error);
    }

    [Fact]
    public async Task AuthReconcile_CreatesAndExtendsRoles()
    {
        const string Role = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: reconciled, namespace: default}
            rules:
            - {apiGroups: [""], resources: [pods], verbs: [VERB]}
            """;
        await kubectl.OkAsync("auth reconcile -f -", Role.Replace("VERB", "get", StringComparison.Ordinal));
        await kubectl.OkAsync("auth reconcile -f -", Role.Replace("VERB", "list", StringComparison.Ordinal));

        Assert.Equal("get list", await kubectl.OkAsync("get role reconciled -o jsonpath={.rules[*].verbs[*]}"));
    }

    [Fact]
    public async Task Get_ShowsRolesAndBindings()
    {
        Assert.Matches(@"cluster-admin +\d{4}-", await kubectl.OkAsync("get clusterroles"));
        Assert.Matches(@"cluster-admin +ClusterRole/cluster-admin +", await kubectl.OkAsync("get clusterrolebindings"));
        Assert.Contains("Non-Resource URLs", await kubectl.OkAsync("describe clusterrole cluster-admin"), StringComparison.Ordinal);
    }
}
