BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    . (Join-Path $PSScriptRoot 'Lab.ps1')
    $program = Join-Path $TestDrive 'vgpu-hook'
    New-TestProgram $program
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Install-VgpuHost' -Wrong @(
    , @('Install-VgpuHost -Session nobody', 'SessionNotFound', 'ObjectNotFound')
    , @('Install-VgpuHost -Session localhost -WhatIf', 'NotAProxmoxHost', 'NotEnabled')
    , @('Install-VgpuHost -Storage none', 'NoSnippetStorage', 'ObjectNotFound')
    , @('Install-VgpuHost -Path ./none', 'HookNotInstalled', 'ObjectNotFound')
    , @('Install-VgpuHost -Path $PSHOME/pwsh.dll', 'UnreadableData', 'InvalidData')
    , @('Install-VgpuHost -HostName 127.0.0.1:1', 'HostUnreachable', 'ConnectionError')
    , @('Install-VgpuHost -HostName 127.0.0.1:1 -WhatIf', 'HostUnreachable', 'ConnectionError')
    , @('Install-VgpuHost -HostName -oProxyCommand=x', 'InvalidRequest', 'InvalidArgument')
    , @('Install-VgpuHost pve1:99999', 'InvalidRequest', 'InvalidArgument')
    , @("Install-VgpuHost 127.0.0.1:1 -Options @{ StrictHostKeyChecking = 'no' }", 'InvalidRequest', 'InvalidArgument')
) -Complete @(
    , @('Install-VgpuHost -Session la', 'lab')
    , @('Install-VgpuHost -Storage lo', 'local')
)

Describe 'Install-VgpuHost on a host that a session is open with' {
    BeforeEach {
        $state = Join-Path $TestDrive 'host.json'
        Connect-TestLabFile $state
    }

    AfterAll { Disconnect-All }

    It 'installs units and configuration, tells each step, and does nothing the second time' {
        Install-VgpuHost -InformationVariable told | Should -BeNullOrEmpty
        ($told | Where-Object Tags -Contains VgpuPlan).MessageData | Out-String | Should -Match 'enable vgpups\.service'
        Invoke-TestLab $state cat, /etc/systemd/system/vgpups.service | Out-String | Should -Match 'ExecStart='
        Invoke-TestLab $state cat, /etc/vgpups/config.json | Should -Be '{}'
        Install-VgpuHost -InformationVariable again
        $again | Should -BeNullOrEmpty
    }

    It 'prints its plan with -WhatIf and touches nothing' {
        $before = Get-TestLabState $state
        $text = Invoke-TestProcess "Connect-VgpuHost -LabState '$state' -Name lab | Out-Null; Install-VgpuHost -WhatIf"
        $text | Should -Contain 'What if: Install-VgpuHost on node pve1:'
        $text -join "`n" | Should -BeLike '*1. write the unit *enable and start vgpups-sweep.timer*write the default configuration*'
        Get-TestLabState $state | Should -BeExactly $before
    }

    It 'asks with -Confirm, and says what to do where nobody is there' {
        $failure = Get-TestError { Install-VgpuHost -Confirm }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ConfirmationRequired,*'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Confirm:\$false'
        $line = "Connect-VgpuHost -LabState '$state' -Name lab | Out-Null; Install-VgpuHost -Confirm"
        Invoke-TestSession $line, 'n' | Out-String | Should -Match 'Carry it out\?'
        { Invoke-TestLab $state cat, /etc/vgpups/config.json } | Should -Throw
        Invoke-TestSession $line, 'y' | Out-Null
        Invoke-TestLab $state cat, /etc/vgpups/config.json | Should -Be '{}'
    }

    It 'brings a program that is named, and leaves nothing of its way there' {
        Install-VgpuHost -Path $program
        Invoke-TestLab $state cat, /usr/lib/vgpups/vgpu-hook | Should -BeLike '*a program'
        Invoke-TestLab $state cat, /var/lib/vz/snippets/vgpu-hook | Should -BeLike '*a program'
        { Invoke-TestLab $state cat, /usr/lib/.vgpups-staged/vgpu-hook } | Should -Throw
        Enable-Sriov 0
        Add-VmVgpu 101 A30-6C
        (Start-LabVm 101 -PassThru).IsRunning | Should -BeTrue
    }

    It 'installs again what was taken off' {
        New-TestLab | Out-Null
        Uninstall-VgpuHost -Confirm:$false
        (Get-TestError { Update-VgpuHost }).FullyQualifiedErrorId | Should -BeLike 'HookNotInstalled,*'
        Install-VgpuHost
        Add-VmVgpu 101 A30-6C
        (Get-VgpuHook 101).IsRegistered | Should -BeTrue
    }

    It 'allows snippets only where that is asked for' {
        $config = Join-Path $TestDrive 'storage.cfg'
        [IO.File]::WriteAllText($config, "dir: local`n`tpath /var/lib/vz`n`tcontent iso,backup`n`n")
        Invoke-TestLab $state put, /etc/pve/storage.cfg, $config
        $failure = Get-TestError { Install-VgpuHost }
        $failure.FullyQualifiedErrorId | Should -BeLike 'NoSnippetStorage,*'
        $failure.CategoryInfo.Category | Should -Be 'NotEnabled'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-EnableSnippets'
        Install-VgpuHost -EnableSnippets
        Invoke-TestLab $state cat, /etc/pve/storage.cfg | Should -Contain "`tcontent iso,backup,snippets"
    }

    It 'writes the host, within 120 columns' {
        $made = Install-VgpuHost -PassThru
        $made.VgpuHost | Should -Be 'lab'
        $made.GetType().FullName | Should -BeIn (Get-Command Install-VgpuHost).OutputType.Name
        Get-TestWidth $made | Should -BeLessOrEqual 120
    }

    It 'takes hosts from the pipeline and goes on after one that fails' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        (Get-TestError { Install-VgpuHost }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousSession,*'
        $config = Join-Path $TestDrive 'storage.cfg'
        [IO.File]::WriteAllText($config, "dir: local`n`tpath /var/lib/vz`n`tcontent iso`n`n")
        Invoke-TestLab $state put, /etc/pve/storage.cfg, $config
        $made = Install-VgpuHost -Session lab, other -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures
        $made.VgpuHost | Should -Be 'other'
        $failures.FullyQualifiedErrorId | Should -Be 'NoSnippetStorage,VgpuPS.Commands.InstallVgpuHostCommand'
        (Get-VgpuHost | Install-VgpuHost -EnableSnippets -PassThru).VgpuHost | Sort-Object | Should -Be 'lab', 'other'
    }

    It 'takes a host over SSH or a session, not both: <Line>' -ForEach @(
        @{ Line = 'Install-VgpuHost -HostName pve1 -Session lab'; Id = 'AmbiguousParameterSet' }
        @{ Line = 'Install-VgpuHost -Session lab -Cluster'; Id = 'AmbiguousParameterSet' }
        @{ Line = 'Install-VgpuHost -HostName pve1 -Port 0'; Id = 'ParameterArgumentValidationError' }
        @{ Line = "Install-VgpuHost -HostName ''"; Id = 'ParameterArgumentValidationError' }
    ) {
        (Get-TestError ([scriptblock]::Create($Line))).FullyQualifiedErrorId | Should -BeLike "$Id,*"
    }
}

Describe 'Install-VgpuHost over SSH' {
    BeforeEach {
        Disconnect-All
        $folder = Enter-TestSsh
        $state = Join-Path $folder 'pve1.json'
        New-TestLabFile $state
    }

    AfterEach { Exit-TestSsh }

    It 'shows its plan with -WhatIf, and installs nothing' {
        $text = Invoke-TestProcess "Install-VgpuHost root@pve1 -Path '$program' -WhatIf"
        $text | Should -Contain 'What if: Install-VgpuHost on node pve1:'
        $text -join "`n" | Should -Match '1\. replace the program /usr/lib/vgpups/vgpu-hook'
        Invoke-TestLab $state cat, /usr/lib/vgpups/vgpu-hook | Should -Not -BeLike '*a program'
        { Invoke-TestLab $state cat, /etc/vgpups/config.json } | Should -Throw
    }

    It 'installs, writes the host, leaves no session, and tells of a host that cannot be reached' {
        $made = 'pve1', 'pve9' | Install-VgpuHost -UserName root -Path $program -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures
        $made.VgpuHost | Should -Be 'pve1'
        $made.Kind | Should -Be 'ssh'
        $failures.FullyQualifiedErrorId | Should -Be 'HostUnreachable,VgpuPS.Commands.InstallVgpuHostCommand'
        $failures[0].CategoryInfo.Category | Should -Be 'ConnectionError'
        $failures[0].TargetObject | Should -Be 'pve9'
        $failures[0].ErrorDetails.RecommendedAction | Should -Match 'ssh root@pve9 true'
        Invoke-TestLab $state cat, /usr/lib/vgpups/vgpu-hook | Should -BeLike '*a program'
        Get-VgpuHost -ErrorAction Ignore | Where-Object Kind -EQ ssh | Should -BeNullOrEmpty
        @(Get-Content (Join-Path $folder calls)) -match '-o BatchMode=yes .*-l root -- pve1 ' | Should -Not -BeNullOrEmpty
    }

    It 'sends the program to a host that a session is open with too, and says so where only the session is named' {
        Connect-VgpuHost pve1 | Out-Null
        try {
            $failure = Get-TestError { Install-VgpuHost -Session pve1 -Path $program }
            $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-HostName pve1'
        }
        finally {
            Disconnect-VgpuHost pve1
        }
    }

    It 'installs the other nodes of a cluster with -Cluster, and tells of one that is down' {
        New-TestLabFile (Join-Path $folder '10.0.0.2.json') @('--gpu', 'A30', '--guests', '--node', 'pve2')
        $members = Join-Path $TestDrive 'members'
        Set-Content $members ('{"nodename":"pve1","nodelist":{"pve1":{"id":1,"online":1,"ip":"10.0.0.1"},' +
            '"pve2":{"id":2,"online":1,"ip":"10.0.0.2"},"pve3":{"id":3,"online":0,"ip":"10.0.0.3"}}}')
        Invoke-TestLab $state put, /etc/pve/.members, $members
        $made = Install-VgpuHost pve1 -Cluster -Path $program -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures
        $made.VgpuHost | Should -Be 'pve1', 'pve2'
        $failures.FullyQualifiedErrorId | Should -Be 'HostUnreachable,VgpuPS.Commands.InstallVgpuHostCommand'
        $failures[0].ErrorDetails.Message | Should -Match 'pve3 is offline'
    }
}
