namespace Portal.Tests.Helm;

/// <summary>Values the tests render the chart with.</summary>
internal static class ChartValues
{
    public const string Everything = """
        image: {registry: registry.example.com, tag: 1.2.3}
        imagePullSecrets: [{name: pull}]
        serviceAccount: {annotations: {example.com/identity: portal}}
        auth:
          publicUrl: https://portal.example.com
          claimsMaxAge: "01:00:00"
          impersonateUsers: true
          keyCertificate: {existingSecret: mine}
          oidc:
            company:
              authority: https://login.example.com/realms/company
              clientId: portal
              clientSecret: {existingSecret: company-login}
              displayName: "Company: sign-in"
              groupsClaim: groups realm_access.roles
            partners: {authority: https://partners.example.com, clientId: portal}
          roles:
            - {group: admins, provider: company, role: Admin, namespaces: ["*"]}
            - {user: ann@example.com, provider: "*", role: Author, namespaces: [shop, team-*]}
        usage: {retentionDays: 30, token: {existingSecret: usage}}
        persistence: {storageClass: fast, size: 20Gi, annotations: {example.com/backup: daily}}
        service: {type: LoadBalancer, annotations: {example.com/internal: "true"}}
        ingress: {enabled: true, className: outer, annotations: {cert-manager.io/cluster-issuer: letters}, tls: {secretName: portal-tls}, trustedProxies: [10.0.0.0/8, "::1"]}
        networkPolicy:
          enabled: true
          ingressFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]
          monitoringFrom: [{namespaceSelector: {}}]
          restrictEgress: true
          extraEgress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]
        metrics: {serviceMonitor: {enabled: true, labels: {release: prometheus}}}
        podDisruptionBudget: {enabled: true}
        podAnnotations: {example.com/a: b}
        podLabels: {team: ai}
        nodeSelector: {disk: ssd}
        tolerations: [{key: dedicated, operator: Exists}]
        affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]}}}
        topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {team: ai}}}]
        priorityClassName: high
        extraEnv: [{name: HTTPS_PROXY, value: "http://proxy:3128"}]
        extraEnvFrom: [{secretRef: {name: more}}]
        runner: {image: "registry.example.com/runner:1"}
        extraVolumes: [{name: ca, secret: {secretName: mine}}]
        extraVolumeMounts: [{name: ca, mountPath: /etc/ssl/ours, readOnly: true}]
        admission: {strict: true, webhook: {failurePolicy: Fail, certManager: {enabled: true}}}
        """;

    /// <summary>The operator with an account of its own that may do nothing cluster-wide.</summary>
    public const string Namespaced = """
        portal: {enabled: false}
        operator: {namespaces: [shop, team-a], shard: "tier=gold"}
        rbac: {peopleRoles: false}
        networkPolicy: {enabled: true, restrictEgress: true}
        podDisruptionBudget: {enabled: true}
        metrics: {serviceMonitor: {enabled: true}}
        """;

    /// <summary>Several portals on one PostgreSQL.</summary>
    public const string Shared = """
        portal: {replicas: 2}
        database: {existingSecret: mine, key: url}
        """;

    public static TheoryData<string> Sets =>
    [
        "{}",
        Everything,
        Everything + "\n" + Shared,
        Shared,
        Everything + "\noperator: {separate: true, replicas: 3}",
        "operator: {separate: true}",
        Namespaced,
        Namespaced + "\nadmission: {webhook: {certManager: {enabled: true, issuerKind: ClusterIssuer, issuerName: letters}}}",
        "operator: {enabled: false}\npersistence: {enabled: false}",
        "persistence: {existingClaim: mine}\nserviceAccount: {create: false, name: mine}\nrbac: {create: false}\noperator: {separate: true, leaderElection: false, replicas: 1}",
    ];
}
