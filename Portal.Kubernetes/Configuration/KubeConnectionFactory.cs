using System.Net;
using System.Security.Cryptography.X509Certificates;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Client.Auth;

namespace Portal.Kubernetes.Configuration;

/// <summary>Makes connections from a kubeconfig or from inside a pod. Nothing is sent yet; whoever takes the connection disposes its handler.</summary>
public static class KubeConnectionFactory
{
    private const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Whether this process runs in a pod that has a service account.</summary>
    public static bool IsInCluster =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST")) && File.Exists(Path.Combine(ServiceAccountFolder, "token"));

    /// <param name="path">The kubeconfig, or null for KUBECONFIG or <c>~/.kube/config</c>.</param>
    /// <param name="context">The context, or null for the current one.</param>
    /// <exception cref="KubeConfigException">The configuration cannot be used; the message names file and field.</exception>
    public static KubeConnection FromKubeConfig(string? path, string? context, TimeProvider timeProvider) =>
        FromKubeConfig(KubeConfig.Load(path), context, timeProvider);

    /// <inheritdoc cref="FromKubeConfig(string?, string?, TimeProvider)"/>
    public static KubeConnection FromKubeConfig(KubeConfig config, string? context, TimeProvider timeProvider) =>
        FromKubeConfig(config, context, timeProvider, Environment.GetEnvironmentVariable);

    internal static KubeConnection FromKubeConfig(KubeConfig config, string? context, TimeProvider timeProvider, Func<string, string?> environment)
    {
        var (name, @namespace, cluster, user) = config.Resolve(context);
        var server = ReadServer(cluster);
        var credentials = user is null ? Credentials.None : ReadCredentials(user, cluster, server, timeProvider);
        var tls = new TlsSettings
        {
            Authorities = ReadAuthorities(cluster),
            SkipVerification = cluster.Flag("insecure-skip-tls-verify"),
            ServerName = cluster.Text("tls-server-name"),
        };
        IWebProxy proxy = ReadProxy(cluster) is { } configured ? configured : new EnvironmentProxy(environment);
        return new KubeConnection(server, HandlerFactory.Create(tls, credentials, proxy), @namespace, name);
    }

    /// <summary>The API server of the cluster this pod is in, with the pod's service account. Its token file is read again as it rotates.</summary>
    /// <exception cref="KubeConfigException">This is no pod, or its service account is not mounted.</exception>
    public static KubeConnection InCluster(TimeProvider timeProvider) =>
        InCluster(timeProvider, Environment.GetEnvironmentVariable, ServiceAccountFolder);

    internal static KubeConnection InCluster(TimeProvider timeProvider, Func<string, string?> environment, string folder)
    {
        var host = environment("KUBERNETES_SERVICE_HOST");
        var port = environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new KubeConfigException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this process does not run in a cluster.");
        }

        if (!Uri.TryCreate($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}", UriKind.Absolute, out var server))
        {
            throw new KubeConfigException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not make an address.");
        }

        var tls = new TlsSettings { Authorities = ParseAuthorities(Read("ca.crt"), problem => new KubeConfigException($"{folder}/ca.crt: {problem}")) };
        Read("token");
        var token = new FileTokenSource(Path.Combine(folder, "token"), timeProvider);
        var @namespace = File.Exists(Path.Combine(folder, "namespace")) ? Read("namespace").Trim() : "default";
        return new KubeConnection(server, HandlerFactory.Create(tls, new Credentials { Token = token }, new EnvironmentProxy(environment)), @namespace, "in-cluster");

        string Read(string file)
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, file));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new KubeConfigException($"{folder}/{file}: the service account cannot be read: {exception.Message}", exception);
            }
        }
    }

    private static Uri ReadServer(ConfigNode cluster) =>
        Uri.TryCreate(cluster.Require("server"), UriKind.Absolute, out var server) && server.Scheme is "http" or "https"
            ? server
            : throw cluster.Error("server", "must be a URL that starts with https:// or http://.");

    private static WebProxy? ReadProxy(ConfigNode cluster)
    {
        if (cluster.Text("proxy-url") is not { } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "socks5"
            ? new WebProxy(uri) { Credentials = EnvironmentProxy.CredentialsOf(uri) }
            : throw cluster.Error("proxy-url", "must be a URL that starts with http://, https:// or socks5://.");
    }

    private static X509Certificate2Collection? ReadAuthorities(ConfigNode cluster)
    {
        const string Field = "certificate-authority";
        var field = cluster.Text(Field + "-data") is null ? Field : Field + "-data";
        return cluster.Content(Field) is { } pem ? ParseAuthorities(pem, problem => cluster.Error(field, problem)) : null;
    }

    private static X509Certificate2Collection ParseAuthorities(string pem, Func<string, Exception> error)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            throw error("holds a certificate that cannot be read.");
        }

        return authorities.Count > 0 ? authorities : throw error("holds no PEM certificate.");
    }

    private static Credentials ReadCredentials(ConfigNode user, ConfigNode cluster, Uri server, TimeProvider timeProvider)
    {
        if (user.Child("auth-provider") is not null)
        {
            throw user.Error("auth-provider", "is no longer supported by Kubernetes; use exec with the provider's plugin.");
        }

        var credentials = new Credentials
        {
            Certificate = ReadCertificate(user),
            Token = user.FilePath("tokenFile") is { } file ? CheckedTokenFile(user, file, timeProvider)
                : user.Text("token") is { } token ? new StaticTokenSource(token)
                : user.Child("exec") is { } exec ? new ExecCredentialSource(ExecSettings.Read(exec, cluster), timeProvider)
                : null,
            Impersonation = Impersonation.Read(user),
            Basic = user.Text("username") is { } name ? (name, user.Text("password") ?? "") : null,
        };
        if (server.Scheme == "http" && !server.IsLoopback && !credentials.IsEmpty)
        {
            throw new KubeConfigException($"{user.File}: clusters: the server {server} has no TLS, so the user's credentials cannot be sent to it.");
        }

        return credentials;
    }

    private static FileTokenSource CheckedTokenFile(ConfigNode user, string file, TimeProvider timeProvider)
    {
        user.ReadFile("tokenFile", file);
        return new FileTokenSource(file, timeProvider);
    }

    private static X509Certificate2? ReadCertificate(ConfigNode user)
    {
        var certificate = user.Content("client-certificate");
        var key = user.Content("client-key");
        if (certificate is null)
        {
            return key is null ? null : throw user.Error("client-certificate-data", "is missing, but there is a client-key.");
        }

        try
        {
            return X509Certificate2.CreateFromPem(certificate, key ?? throw user.Error("client-key-data", "is missing, but there is a client-certificate."));
        }
        catch (Exception exception) when (exception is System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw user.Error("client-certificate-data", "does not go with client-key-data: both must be PEM, unencrypted, and belong together.", exception);
        }
    }
}
