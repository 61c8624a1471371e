# A session may have another version of what bin/lib brings, as other modules do. Each case is a process of its own.
BeforeAll {
    $packages = $env:NUGET_PACKAGES ? $env:NUGET_PACKAGES : (Join-Path $HOME .nuget/packages)
    $others = (Join-Path $packages bouncycastle.cryptography/2.4.0/lib/net6.0/BouncyCastle.Cryptography.dll),
        (Join-Path $packages ssh.net/2024.2.0/lib/net8.0/Renci.SshNet.dll)
    $module = (Resolve-Path (Join-Path $PSScriptRoot '../../out/VgpuPS/VgpuPS.psd1')).Path
    $key = Join-Path $TestDrive key
    # Made for this test; its passphrase is "words".
    Set-Content $key -Value @'
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABBh+E4SA6
+Gx1AnkmQJM9vjAAAAAQAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIHZAS/ELx7r465rF
ZiPBSqXruaxb9totO/0l/4aZvATGAAAAkPpso+cayU7ygLbgVh8gzSwrJVKU25EPWtOm3R
WYxjTCxFrNFZWUk4K8qkJUC+rKD/0XfZnz4pIXXExHTFPtgqBwLDcexix4ub3Hv0HfosYJ
NgyjdUxMexG/mcr/M73NL8IHX7cuNvMjyTtNlNpK42dmB6uV2R+AVFGsuZj3quoYsTHyJq
EItJdE1zWiWzFqFw==
-----END OPENSSH PRIVATE KEY-----
'@
    if (-not $IsWindows) { chmod 600 $key }

    # What a script of these parts prints, in a fresh session.
    $parts = @{
        Import = "Import-Module '$module'"
        Remove = 'Remove-Module VgpuPS'
        # Opens the key with either version; nobody listens there.
        Ours   = @"
            `$credential = [pscredential]::new('root', (ConvertTo-SecureString words -AsPlainText -Force))
            try { Connect-VgpuHost 127.0.0.1:1 -Credential `$credential -KeyFilePath '$key' -ErrorAction Stop }
            catch { `$_.FullyQualifiedErrorId }
"@
        Theirs = @"
            Add-Type -Path '$($others[0])', '$($others[1])'
            [Renci.SshNet.PrivateKeyFile]::new('$key', 'words').HostKeyAlgorithms.Name
"@
        Loaded = @'
            [AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName() } |
                Where-Object Name -Match '^(Renci|BouncyCastle|VgpuPS\.Ssh|Microsoft\.Extensions)' | Sort-Object Name, Version |
                ForEach-Object { '{0} {1}' -f $_.Name, $_.Version.Major }
'@
    }
    function Invoke-Part {
        $script = ($args | ForEach-Object { $parts[$_] }) -join "`n"
        & (Join-Path $PSHOME pwsh) -NoProfile -NonInteractive -Command $script 2>&1 | ForEach-Object ToString
    }

    $refused = 'HostUnreachable,VgpuPS.Commands.ConnectVgpuHostCommand'
}

Describe 'Assemblies of others' {
    It 'are not loaded by importing the module' {
        Invoke-Part Import Loaded | Should -BeNullOrEmpty
    }

    It 'are loaded by the first login with a credential' {
        $lines = Invoke-Part Import Ours Loaded
        $lines[0] | Should -Be $refused
        $lines | Should -Contain 'Renci.SshNet 2026'
    }

    It 'stand beside another version that the session had before' {
        $lines = Invoke-Part Theirs Import Ours Loaded
        $lines[0..1] | Should -Be @('ssh-ed25519', $refused)
        $lines | Should -Contain 'Renci.SshNet 2024'
        $lines | Should -Contain 'Renci.SshNet 2026'
        ($lines -like 'BouncyCastle*').Count | Should -Be 2
    }

    It 'stand beside another version that the session gets afterwards' {
        $lines = Invoke-Part Import Ours Theirs Loaded
        $lines[0..1] | Should -Be @($refused, 'ssh-ed25519')
        $lines | Should -Contain 'Renci.SshNet 2024'
        $lines | Should -Contain 'Renci.SshNet 2026'
        ($lines -like 'BouncyCastle*').Count | Should -Be 2
    }

    It 'work after the module was removed and imported again' {
        Invoke-Part Import Ours Remove Import Ours Remove Import Ours | Should -Be @($refused, $refused, $refused)
    }
}
