BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Remove-MigInstance' -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb -Placement 0:2' -Wrong @(
    , @('Remove-MigInstance 0 -GpuInstanceId 13', 'InstanceNotFound', 'ObjectNotFound')
    , @('Remove-MigInstance 9 -GpuInstanceId 1', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(, @('Remove-MigInstance 0 ', '1'))

Add-ChangingTest 'Remove-MigInstance' -High -NoPassThru -Line 'Get-MigInstance | Remove-MigInstance' `
    -Prepare 'Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 2g.12gb' -Plan 'destroy GPU instance \d+ \(2g\.12gb at'

Describe 'Remove-MigInstance' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb, 1g.6gb, 1g.6gb
    }

    It 'removes what is piped in, compute instances along' {
        Get-MigInstance -Profile 1g.6gb | Remove-MigInstance -Confirm:$false
        (Get-MigInstance).Profile | Should -Be '2g.12gb'
    }

    It 'asks for each object, and one answer can be for all' {
        $text = Invoke-TestSession @(
            '$null = New-TestLab; Enable-MigMode 0 -Reset; New-MigInstance 0 -Profile 1g.6gb -Count 4'
            'Get-MigInstance | Remove-MigInstance', 'y', 'n', 'a', '"left: $(@(Get-MigInstance).Count)"')
        ($text -match 'Carry it out\?').Count | Should -Be 3
        $text -match 'left: 1$' | Should -Not -BeNullOrEmpty
    }

    It 'refuses one that a VM uses, and goes on with the next' {
        Add-VmVgpu 101 -Profile 2g.12gb
        Start-LabVm 101
        $failure = Get-TestError { Get-MigInstance | Remove-MigInstance -Confirm:$false }
        $failure.CategoryInfo.Category | Should -Be 'ResourceBusy'
        $failure.ErrorDetails.Message | Should -Match 'VM 101'
        (Get-MigInstance).Profile | Should -Be '2g.12gb'
    }

    It 'stops at the first failure where that is asked for' {
        Add-VmVgpu 101 -Profile 2g.12gb
        Start-LabVm 101
        { Get-MigInstance | Remove-MigInstance -Confirm:$false -ErrorAction Stop } | Should -Throw
        (Get-MigInstance).Count | Should -Be 3
    }

    It 'takes an instance back to its own host' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        (Get-TestError { Remove-MigInstance 0 5 -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousSession,*'
        Get-MigInstance -Session lab | Remove-MigInstance -Confirm:$false
        Get-MigInstance | Should -BeNullOrEmpty
    }
}
